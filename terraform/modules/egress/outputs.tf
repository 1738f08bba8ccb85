output "proxy_url" {
  description = "Where agents find the proxy."
  value       = "http://egress.${aws_service_discovery_private_dns_namespace.this.name}:${var.port}"
}

output "service_name" {
  description = "The proxy's ECS service."
  value       = aws_ecs_service.this.name
}

output "task_definition_arn" {
  description = "The newest revision; a release moves the service to it."
  value       = aws_ecs_task_definition.this.arn
}
