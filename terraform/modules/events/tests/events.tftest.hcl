mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name        = "openclaw-test"
  cluster_arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/openclaw-test"
}

run "as_it_is" {
  command = plan

  # Only this clusters tasks are told of.
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.tasks.event_pattern).detail.clusterArn == [var.cluster_arn]
    error_message = "Another cluster's tasks would be told of."
  }

  # What cannot be read is kept.
  assert {
    condition     = jsondecode(aws_sqs_queue.tasks.redrive_policy).maxReceiveCount == 5 && aws_sqs_queue.dead.message_retention_seconds == 1209600
    error_message = "An event that can't be read is lost, or comes for ever."
  }

  assert {
    condition     = aws_sqs_queue.tasks.sqs_managed_sse_enabled && aws_sqs_queue.dead.sqs_managed_sse_enabled
    error_message = "Events are not encrypted."
  }
}

run "an_endless_visibility_is_refused" {
  command = plan

  variables {
    visibility_seconds = 99999
  }

  expect_failures = [var.visibility_seconds]
}
