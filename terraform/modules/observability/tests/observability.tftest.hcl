mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name               = "openclaw-test"
  metrics_namespace  = "OpenClaw/test"
  monthly_budget_usd = 100
  watched = {
    cluster_name            = "openclaw-test"
    service_names           = { web = "openclaw-test-web" }
    alb_arn_suffix          = "app/a-lb/0123456789abcdef"
    target_group_arn_suffix = "targetgroup/a-group/0123456789abcdef"
    database_instance_id    = "openclaw-test"
    database_connections    = 65
    dead_letter_queue_name  = "openclaw-test-task-events-dead"
  }
}

run "as_it_is" {
  command = plan

  # Somebody is told of everything that matters.
  assert {
    condition = toset(keys(aws_cloudwatch_metric_alarm.this)) == toset([
      "queue-age", "provisioning-queue-age", "provisionings-stuck", "agents-failing", "web-5xx", "no-web", "dead-letters",
      "database-connections", "database-cpu", "database-storage",
    ])
    error_message = "An alarm is missing."
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : length(alarm.alarm_actions) == 1 && length(alarm.alarm_description) > 30])
    error_message = "An alarm tells nobody, or does not say what it means."
  }

  # A dead worker is an alarm.
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["queue-age"].treat_missing_data == "breaching"
    error_message = "Without metrics nobody would hear that the worker is gone."
  }

  # The budget is told three times.
  assert {
    condition     = toset([for notice in aws_budgets_budget.month[0].notification : notice.threshold]) == toset([50, 80, 100])
    error_message = "The budget is not told at 50, 80 and 100 %."
  }
}

run "bad_input_is_refused" {
  command = plan

  variables {
    alarm_email        = "operators"
    monthly_budget_usd = 0
  }

  expect_failures = [var.alarm_email, var.monthly_budget_usd]
}
