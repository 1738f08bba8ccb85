# Terraform makes the services; a release moves them to new revisions, after the migrations (.github/scripts/release.py),
# and autoscaling changes how many tasks there are. So both are left alone here.

resource "aws_ecs_service" "this" {
  for_each        = var.processes
  name            = "${var.name}-${each.key}"
  cluster         = var.cluster.arn
  task_definition = aws_ecs_task_definition.this[each.key].arn
  desired_count   = var.has_image ? each.value.count : 0

  capacity_provider_strategy {
    capacity_provider = var.capacity_provider
    weight            = 1
  }

  network_configuration {
    subnets          = var.network.private_subnet_ids
    security_groups  = [var.network.backoffice_security_group_id]
    assign_public_ip = false
  }

  # Never two clocks: beat's old task ends before the new one starts.
  deployment_minimum_healthy_percent = each.key == "beat" ? 0 : 100
  deployment_maximum_percent         = each.key == "beat" ? 100 : 200
  health_check_grace_period_seconds  = each.key == "web" ? 60 : null
  enable_execute_command             = false
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  dynamic "load_balancer" {
    for_each = each.key == "web" ? [aws_lb_target_group.web.arn] : []
    content {
      target_group_arn = load_balancer.value
      container_name   = "web"
      container_port   = local.web_port
    }
  }

  depends_on = [aws_lb_listener.https]

  lifecycle {
    ignore_changes = [task_definition, desired_count]
  }
}
