mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name             = "openclaw-test"
  log_group_prefix = "/openclaw/test"
}

run "as_it_is" {
  command = plan

  # Spot and on demand are there.
  assert {
    condition     = aws_ecs_cluster_capacity_providers.this.capacity_providers == toset(["FARGATE", "FARGATE_SPOT"])
    error_message = "A kind of capacity is missing."
  }

  # An entered container is recorded encrypted.
  assert {
    condition     = aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].logging == "OVERRIDE" && aws_cloudwatch_log_group.exec.kms_key_id == module.key.arn
    error_message = "What is typed in a container is not recorded, or in plain."
  }
}
