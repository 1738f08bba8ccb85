mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name             = "openclaw-test"
  role_path        = "/openclaw/test/"
  log_group_prefix = "/openclaw/test"
  cluster          = { name = "openclaw-test", arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/openclaw-test" }
  certificate_arn  = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
  image            = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/openclaw-test/backoffice@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  has_image        = true
  repository_arn   = "arn:aws:ecr:eu-central-1:123456789012:repository/openclaw-test/backoffice"
  environment      = { DATABASE_URL = "postgres://openclaw_app@db:5432/openclaw" }
  secrets = {
    SECRET_KEY        = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:openclaw-test/secret-key-AbCdEf"
    STRIPE_SECRET_KEY = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:openclaw-test/stripe-secret-key-AbCdEf"
  }
  secret_processes  = { STRIPE_SECRET_KEY = ["worker", "operator"] }
  owner_environment = { DATABASE_OWNER_URL = "postgres://openclaw_owner@db:5432/openclaw" }
  metrics_namespace = "OpenClaw/test"
  waf               = false
  cache_arns        = ["arn:aws:elasticache:eu-central-1:123456789012:replicationgroup:openclaw-test"]
  processes = {
    web         = { cpu = 512, memory_mib = 1024, count = 2, most = 6 }
    worker      = { cpu = 512, memory_mib = 1024, count = 2, most = 8 }
    provisioner = { cpu = 256, memory_mib = 512, count = 1 }
    beat        = { cpu = 256, memory_mib = 512, count = 1 }
  }
  network = {
    vpc_id                       = "vpc-1"
    public_subnet_ids            = ["subnet-pa", "subnet-pb"]
    private_subnet_ids           = ["subnet-a", "subnet-b"]
    alb_security_group_id        = "sg-alb"
    backoffice_security_group_id = "sg-backoffice"
  }
  agents = {
    task_definition_prefix = "openclaw-test"
    execution_role_arn     = "arn:aws:iam::123456789012:role/openclaw/test/openclaw-test-agents-execution"
    log_group_arn          = "arn:aws:logs:eu-central-1:123456789012:log-group:/openclaw/test/agents"
    tenant_role_path       = "/openclaw/test/tenants/"
    tenant_policy_arn      = "arn:aws:iam::123456789012:policy/openclaw/test/openclaw-test-tenant"
    tenant_boundary_arn    = "arn:aws:iam::123456789012:policy/openclaw/test/openclaw-test-tenant-boundary"
    bucket_arn             = "arn:aws:s3:::openclaw-test-agents-123456789012"
    bucket_key_arn         = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    task_events_queue_arn  = "arn:aws:sqs:eu-central-1:123456789012:openclaw-test-task-events"
  }
  database = {
    address           = "db"
    port              = 5432
    name              = "openclaw"
    resource_id       = "db-ABCDEFGH"
    master_username   = "openclaw_admin"
    master_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-AbCdEf"
    kms_key_arn       = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    url_parameters    = "?sslmode=verify-full"
  }
}

run "as_it_is" {
  command = plan

  # The way in is tls and keeps no addresses.
  assert {
    condition     = aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" && aws_lb_listener.http.default_action[0].type == "redirect"
    error_message = "Old TLS is taken, or plain HTTP answered."
  }

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.enable_deletion_protection && length(aws_lb.this.access_logs) == 0
    error_message = "Bad headers pass, one step deletes the load balancer, or addresses are logged."
  }

  # Only owners are told the owners database.
  assert {
    condition     = toset([for process, environment in local.environment : process if contains(keys(environment), "DATABASE_OWNER_URL")]) == toset(["provisioner", "operator"])
    error_message = "Another process holds the owner's log-in."
  }

  assert {
    condition     = toset([for process, containers in local.containers : process if anytrue([for secret in containers[0].secrets : secret.name == "PGPASSWORD"])]) == toset(["bootstrap"])
    error_message = "Another process gets the master's password."
  }

  # Who can ask Stripe for money faces no visitor.
  assert {
    condition     = toset([for process, containers in local.containers : process if anytrue([for secret in containers[0].secrets : secret.name == "STRIPE_SECRET_KEY"])]) == toset(["operator", "worker"])
    error_message = "A process that does not need Stripe's key gets it."
  }

  # No secret stands in plain.
  assert {
    condition     = alltrue([for environment in values(local.environment) : length(setintersection(keys(environment), ["SECRET_KEY", "FIELD_KEY", "GOOGLE_CLIENT_SECRET", "STRIPE_SECRET_KEY", "PGPASSWORD"])) == 0])
    error_message = "A secret's value stands in a task definition."
  }

  # Containers can change nothing but tmp.
  assert {
    condition     = alltrue([for containers in values(local.containers) : containers[0].readonlyRootFilesystem && containers[0].user == "10001" && containers[0].linuxParameters.capabilities.drop == ["ALL"]])
    error_message = "A process may write its root, is root, or keeps capabilities."
  }

  # A process looks at itself before it starts.
  assert {
    condition     = alltrue([for process, containers in local.containers : strcontains(containers[0].command[2], "doctor --start && exec") if contains(keys(local.commands), process)])
    error_message = "A process starts without looking at its configuration."
  }

  # A bad release goes back and there is one clock.
  assert {
    condition     = alltrue([for service in values(aws_ecs_service.this) : service.deployment_circuit_breaker[0].enable && service.deployment_circuit_breaker[0].rollback && !service.enable_execute_command])
    error_message = "A release that does not start stays, or containers can be entered."
  }

  assert {
    condition     = aws_ecs_service.this["beat"].deployment_maximum_percent == 100 && aws_ecs_service.this["beat"].desired_count == 1
    error_message = "Two clocks could run at once."
  }

  # Web and worker are scaled.
  assert {
    condition     = { for process, target in aws_appautoscaling_target.this : process => [target.min_capacity, target.max_capacity] } == { web = [2, 6], worker = [2, 8] }
    error_message = "Something else is scaled, or to other bounds."
  }
}

run "a_firewall_stands_before_it_where_asked" {
  command = plan

  variables {
    waf = true
  }

  assert {
    condition     = length(aws_wafv2_web_acl.this[0].rule) == 4
    error_message = "A rule of the firewall is missing."
  }
}

run "before_the_first_release_nothing_runs" {
  command = plan

  variables {
    has_image = false
  }

  assert {
    condition     = alltrue([for service in values(aws_ecs_service.this) : service.desired_count == 0]) && alltrue([for target in values(aws_appautoscaling_target.this) : target.max_capacity == 0])
    error_message = "Tasks without an image would fail again and again."
  }
}

run "tracing_comes_with_its_collector" {
  command = plan

  variables {
    collector_image = "public.ecr.aws/aws-observability/aws-otel-collector:v0"
  }

  assert {
    condition     = toset([for process, containers in local.containers : process if length(containers) == 2]) == toset(["web", "worker", "provisioner"])
    error_message = "A process has no collector, or one that nobody needs."
  }
}

run "bad_input_is_refused" {
  command = plan

  variables {
    processes = {
      web         = { cpu = 256, memory_mib = 512, count = 1 }
      worker      = { cpu = 256, memory_mib = 512, count = 1 }
      provisioner = { cpu = 256, memory_mib = 512, count = 1 }
      beat        = { cpu = 256, memory_mib = 512, count = 2 }
    }
    requests_per_address = 10
  }

  expect_failures = [var.processes, var.requests_per_address]
}

run "a_forgotten_process_is_refused" {
  command = plan

  variables {
    processes = { web = { cpu = 256, memory_mib = 512, count = 1 } }
  }

  expect_failures = [var.processes]
}
