mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name              = "openclaw-test-agents-execution"
  role_path         = "/openclaw/test/"
  role_boundary_arn = "arn:aws:iam::123456789012:policy/openclaw-bootstrap/openclaw-test-platform-boundary"
  repository_arn    = "arn:aws:ecr:eu-central-1:123456789012:repository/openclaw-test/agent"
  log_group_arn     = "arn:aws:logs:eu-central-1:123456789012:log-group:/openclaw/test/agents"
}

run "as_it_is" {
  command = plan

  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.role_boundary_arn && aws_iam_role.this.path == "/openclaw/test/"
    error_message = "The role is not under the boundary, or not on the platform's path."
  }

  assert {
    condition     = length(data.aws_iam_policy_document.this.statement) == 3
    error_message = "A task without secrets may read some."
  }
}

run "only_named_secrets_are_read" {
  command = plan

  variables {
    secret_arns     = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-secret-AbCdEf"]
    secrets_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : statement.resources if statement.sid == "ReadSecretsOfTheDefinition"][0] == toset(var.secret_arns)
    error_message = "Other secrets than the definition's are read."
  }
}
