mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name                 = "openclaw-test"
  role_path            = "/openclaw/test/"
  tenant_role_path     = "/openclaw/test/tenants/"
  log_group_prefix     = "/openclaw/test"
  image                = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/openclaw-test/agent@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  repository_arn       = "arn:aws:ecr:eu-central-1:123456789012:repository/openclaw-test/agent"
  environment          = { MODEL_ID = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0" }
  secrets              = { EGRESS_TOKEN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:openclaw-test/egress-token-AbCdEf" }
  bucket_arn           = "arn:aws:s3:::openclaw-test-agents-123456789012"
  bucket_key_arn       = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  database_resource_id = "db-ABCDEFGH"
  model_ids            = ["eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-haiku-4-5-20251001-v1:0"]
}

run "as_it_is" {
  command = plan

  # Three definitions for all customers.
  assert {
    condition     = toset(keys(aws_ecs_task_definition.this)) == toset(["butler", "scout", "writer"])
    error_message = "There is not one definition a role."
  }

  assert {
    condition     = alltrue([for definition in values(aws_ecs_task_definition.this) : definition.task_role_arn == null])
    error_message = "A definition brings a role of its own: a task that was started without a customer's could use it."
  }

  # A container can change nothing but tmp.
  assert {
    condition = alltrue([
      for role, definition in aws_ecs_task_definition.this : jsondecode(definition.container_definitions)[0].readonlyRootFilesystem && jsondecode(definition.container_definitions)[0].mountPoints == [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
    ])
    error_message = "The root can be written, or /tmp can't."
  }

  assert {
    condition = alltrue([
      for role, definition in aws_ecs_task_definition.this : length(setintersection(jsondecode(definition.container_definitions)[0].linuxParameters.capabilities.drop, ["SETUID", "SETGID", "KILL"])) == 0 && length(jsondecode(definition.container_definitions)[0].linuxParameters.capabilities.drop) == 11
    ])
    error_message = "A capability is left that the supervisor does not need, or one is gone that it does."
  }

  # Ecs looks after its health.
  assert {
    condition     = alltrue([for definition in values(aws_ecs_task_definition.this) : strcontains(jsondecode(definition.container_definitions)[0].healthCheck.command[3], ":8080/health")])
    error_message = "ECS does not ask /health."
  }

  # Secrets come from secrets manager.
  assert {
    condition     = alltrue([for definition in values(aws_ecs_task_definition.this) : [for secret in jsondecode(definition.container_definitions)[0].secrets : secret.name] == ["EGRESS_TOKEN"] && !contains([for entry in jsondecode(definition.container_definitions)[0].environment : entry.name], "EGRESS_TOKEN")])
    error_message = "The proxy's token stands in plain."
  }

  # A profile brings its model in every region.
  assert {
    condition = jsonencode(local.models) == jsonencode([
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0",
      "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "arn:aws:bedrock:eu-central-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0",
    ])
    error_message = "Agents may ask other models than the listed ones."
  }
}

run "bad_input_is_refused" {
  command = plan

  variables {
    memory_mib       = 512
    model_ids        = []
    tenant_role_path = "/openclaw/"
  }

  expect_failures = [var.memory_mib, var.model_ids, var.tenant_role_path]
}
