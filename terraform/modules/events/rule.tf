# Every change of a task of the cluster becomes a message. The back office reads them; what it can't read after five
# tries waits in the dead-letter queue, where an alarm finds it.

resource "aws_cloudwatch_event_rule" "tasks" {
  name        = "${var.name}-task-events"
  description = "ECS Task State Change of ${var.name}"
  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail      = { clusterArn = [var.cluster_arn] }
  })
}

resource "aws_cloudwatch_event_target" "queue" {
  rule      = aws_cloudwatch_event_rule.tasks.name
  target_id = "queue"
  arn       = aws_sqs_queue.tasks.arn
}
