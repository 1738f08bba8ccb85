output "alb_dns_name" {
  description = "Where the DNS records lead."
  value       = aws_lb.this.dns_name
}

output "alb_zone_id" {
  description = "The load balancer's hosted zone."
  value       = aws_lb.this.zone_id
}

output "alb_arn_suffix" {
  description = "The load balancer, as its metrics name it."
  value       = aws_lb.this.arn_suffix
}

output "target_group_arn_suffix" {
  description = "Web's target group, as its metrics name it."
  value       = aws_lb_target_group.web.arn_suffix
}

output "service_names" {
  description = "ECS services, by process."
  value       = { for process, service in aws_ecs_service.this : process => service.name }
}

output "task_definition_arns" {
  description = "The newest revisions, by process; a release moves the services to them."
  value       = { for process, definition in aws_ecs_task_definition.this : process => definition.arn }
}

output "task_role_arns" {
  description = "Task roles, by process."
  value       = { for process, role in aws_iam_role.task : process => role.arn }
}

output "environments" {
  description = "What each process is told, by process: names and plain values."
  value       = local.environment
}

output "log_group_name" {
  description = "Where the back office writes."
  value       = aws_cloudwatch_log_group.this.name
}
