output "state_bucket" {
  description = "Bucket of every state: -backend-config=bucket=…"
  value       = aws_s3_bucket.state.id
}

output "lock_table" {
  description = "DynamoDB table of locks, for Terraform before 1.10; null without one."
  value       = one(aws_dynamodb_table.lock[*].name)
}

output "github_role_arns" {
  description = "Roles of GitHub's workflows: plan and apply."
  value       = { for use, role in aws_iam_role.github : use => role.arn }
}

output "platform_boundary_arn" {
  description = "Permissions boundary of every role of the platform."
  value       = aws_iam_policy.boundary.arn
}
