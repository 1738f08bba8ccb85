# What wakes somebody. Each says in its text what it means and where to look; docs/operations.md says what to do.
# The back office's own metrics come once a minute from a worker: if they stop, beat or worker has, so their lack is
# an alarm too.

locals {
  own = { namespace = var.metrics_namespace, missing = "breaching", statistic = "Maximum" }

  alarms = {
    queue-age = merge(local.own, {
      metric = "QueueAgeSeconds", dimensions = { Queue = "default" }, above = 300, minutes = 5
      text   = "The oldest Celery message waits for more than 5 minutes, or no worker publishes metrics: look at the worker and beat services."
    })
    provisioning-queue-age = merge(local.own, {
      metric = "QueueAgeSeconds", dimensions = { Queue = "provisioning" }, above = 300, minutes = 5
      text   = "Onboardings wait for more than 5 minutes: look at the provisioner service."
    })
    provisionings-stuck = merge(local.own, {
      metric = "ProvisioningsStuck", dimensions = {}, above = 0, minutes = 30, missing = "notBreaching"
      text   = "An onboarding waits for a person for half an hour: the back office's front page says which and what to do."
    })
    agents-failing = merge(local.own, {
      metric = "AgentsFailing", dimensions = {}, above = 0, minutes = 15, missing = "notBreaching"
      text   = "An agent is held back after failing again and again: the back office's front page says which and why."
    })
    web-5xx = {
      namespace  = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum", above = 5, minutes = 5, missing = "notBreaching"
      dimensions = { LoadBalancer = var.watched.alb_arn_suffix, TargetGroup = var.watched.target_group_arn_suffix }
      text       = "Pages fail: look into the web process's log."
    }
    no-web = {
      namespace  = "AWS/ApplicationELB", metric = "HealthyHostCount", statistic = "Minimum", below = 1, minutes = 3, missing = "breaching"
      dimensions = { LoadBalancer = var.watched.alb_arn_suffix, TargetGroup = var.watched.target_group_arn_suffix }
      text       = "No web task is healthy: the site is down."
    }
    dead-letters = {
      namespace  = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", above = 0, minutes = 5, missing = "notBreaching"
      dimensions = { QueueName = var.watched.dead_letter_queue_name }
      text       = "A task event could not be read five times: look at it in the dead-letter queue."
    }
    database-connections = {
      namespace  = "AWS/RDS", metric = "DatabaseConnections", statistic = "Maximum", above = var.watched.database_connections, minutes = 5, missing = "breaching"
      dimensions = { DBInstanceIdentifier = var.watched.database_instance_id }
      text       = "PostgreSQL's connections run out: see “How many agents run at once”."
    }
    database-cpu = {
      namespace  = "AWS/RDS", metric = "CPUUtilization", statistic = "Average", above = 80, minutes = 15, missing = "breaching"
      dimensions = { DBInstanceIdentifier = var.watched.database_instance_id }
      text       = "The database is busy for a quarter of an hour: Performance Insights shows with what."
    }
    database-storage = {
      namespace  = "AWS/RDS", metric = "FreeStorageSpace", statistic = "Minimum", below = 4294967296, minutes = 15, missing = "breaching"
      dimensions = { DBInstanceIdentifier = var.watched.database_instance_id }
      text       = "Less than 4 GiB of storage are left and it has not grown: see max_allocated_storage_gib."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = can(each.value.above) ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = try(each.value.above, each.value.below)
  period              = 60
  evaluation_periods  = each.value.minutes
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
