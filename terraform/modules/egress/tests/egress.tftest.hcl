mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name              = "openclaw-test"
  role_path         = "/openclaw/test/"
  log_group_prefix  = "/openclaw/test"
  cluster_arn       = "arn:aws:ecs:eu-central-1:123456789012:cluster/openclaw-test"
  vpc_id            = "vpc-1"
  subnet_ids        = ["subnet-a", "subnet-b"]
  security_group_id = "sg-egress"
  image             = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/openclaw-test/egress@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  has_image         = true
  token_secret_arn  = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:openclaw-test/egress-token-AbCdEf"
  repository_arn    = "arn:aws:ecr:eu-central-1:123456789012:repository/openclaw-test/egress"
  allowed_hosts     = ["gmail.googleapis.com", "oauth2.googleapis.com"]
}

run "as_it_is" {
  command = plan

  # The token is a secret and the proxy has no role.
  assert {
    condition     = [for secret in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets : secret.name] == ["EGRESS_TOKEN"]
    error_message = "The token does not come from Secrets Manager."
  }

  assert {
    condition     = aws_ecs_task_definition.this.task_role_arn == null
    error_message = "The proxy may do something at AWS."
  }

  # It runs in two zones without public addresses.
  assert {
    condition     = aws_ecs_service.this.desired_count == 2 && aws_ecs_service.this.network_configuration[0].assign_public_ip == false
    error_message = "One zone takes the agents' way out with it, or the proxy is public."
  }
}

run "before_the_first_release_nothing_runs" {
  command = plan

  variables {
    has_image = false
  }

  assert {
    condition     = aws_ecs_service.this.desired_count == 0
    error_message = "Tasks without an image would fail again and again."
  }
}

run "an_address_is_no_host" {
  command = plan

  variables {
    allowed_hosts = ["142.250.1.1"]
  }

  expect_failures = [var.allowed_hosts]
}

run "a_wildcard_is_no_host" {
  command = plan

  variables {
    allowed_hosts = ["*.googleapis.com"]
  }

  expect_failures = [var.allowed_hosts]
}
