# Web by requests a task, worker by what waits in its queue. An environment that was never released to stays at zero.

locals {
  scaled = { for process, size in var.processes : process => size if size.most != null && !var.emulated }
}

resource "aws_appautoscaling_target" "this" {
  for_each           = local.scaled
  service_namespace  = "ecs"
  resource_id        = "service/${var.cluster.name}/${aws_ecs_service.this[each.key].name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.has_image ? each.value.count : 0
  max_capacity       = var.has_image ? each.value.most : 0
}

resource "aws_appautoscaling_policy" "web" {
  count              = contains(keys(local.scaled), "web") ? 1 : 0
  name               = "${var.name}-web-requests"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this["web"].service_namespace
  resource_id        = aws_appautoscaling_target.this["web"].resource_id
  scalable_dimension = aws_appautoscaling_target.this["web"].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.requests_per_task
    scale_in_cooldown  = 300
    scale_out_cooldown = 60
    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "${aws_lb.this.arn_suffix}/${aws_lb_target_group.web.arn_suffix}"
    }
  }
}

resource "aws_appautoscaling_policy" "worker" {
  count              = contains(keys(local.scaled), "worker") ? 1 : 0
  name               = "${var.name}-worker-queue"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this["worker"].service_namespace
  resource_id        = aws_appautoscaling_target.this["worker"].resource_id
  scalable_dimension = aws_appautoscaling_target.this["worker"].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.queue_length
    scale_in_cooldown  = 300
    scale_out_cooldown = 60
    customized_metric_specification {
      namespace   = var.metrics_namespace
      metric_name = "QueueLength"
      statistic   = "Average"
      dimensions {
        name  = "Queue"
        value = "default"
      }
    }
  }
}
