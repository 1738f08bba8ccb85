output "task_definition_prefix" {
  description = "What the families begin with: <prefix>-butler, -scout, -writer."
  value       = var.name
}

output "task_definition_arns" {
  description = "The newest revisions, by role."
  value       = { for role, definition in aws_ecs_task_definition.this : role => definition.arn }
}

output "tenant_policy_arn" {
  description = "Attached to each customer's role."
  value       = aws_iam_policy.tenant.arn
}

output "tenant_boundary_arn" {
  description = "Permissions boundary of each customer's role."
  value       = aws_iam_policy.boundary.arn
}

output "execution_role_arn" {
  description = "What ECS acts as for an agent's task."
  value       = module.execution.arn
}

output "log_group_name" {
  description = "Where agents write."
  value       = aws_cloudwatch_log_group.agents.name
}

output "log_group_arn" {
  description = "Where agents write."
  value       = aws_cloudwatch_log_group.agents.arn
}
