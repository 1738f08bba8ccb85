output "address" {
  description = "Host name of the primary."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "port" {
  description = "Port, with TLS."
  value       = local.port
}

output "cache_name" {
  description = "The replication group's id: what a log-in token is signed for."
  value       = aws_elasticache_replication_group.this.id
}

output "user_name" {
  description = "Who the back office logs in as, by IAM."
  value       = aws_elasticache_user.backoffice.user_name
}

output "replication_group_arn" {
  description = "The replication group, for elasticache:Connect."
  value       = aws_elasticache_replication_group.this.arn
}

output "user_arn" {
  description = "The user, for elasticache:Connect."
  value       = aws_elasticache_user.backoffice.arn
}
