output "address" {
  description = "Host name of PostgreSQL."
  value       = aws_db_instance.this.address
}

output "port" {
  description = "Port of PostgreSQL."
  value       = local.port
}

output "database_name" {
  description = "The one database."
  value       = local.database_name
}

output "master_username" {
  description = "Who makes the roles, once."
  value       = local.master_username
}

output "master_secret_arn" {
  description = "RDS's own secret with the master user's password, which RDS rotates."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "kms_key_arn" {
  description = "Key of the storage, the backups and the master secret."
  value       = module.key.arn
}

output "resource_id" {
  description = "What rds-db:connect names the instance by; another one after a restore."
  value       = aws_db_instance.this.resource_id
}

output "instance_arn" {
  description = "The instance."
  value       = aws_db_instance.this.arn
}

output "instance_id" {
  description = "The instance's identifier, a dimension of its metrics."
  value       = aws_db_instance.this.identifier
}

output "replica_address" {
  description = "Host name of the read replica; null without one."
  value       = one(aws_db_instance.replica[*].address)
}
