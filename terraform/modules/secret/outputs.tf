output "arn" {
  description = "The secret; its value is read by who may, from Secrets Manager."
  value       = aws_secretsmanager_secret.this.arn
}
