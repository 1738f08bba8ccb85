# The database's master password is read for `bootstrap` alone.

module "execution" {
  source            = "../execution_role"
  name              = "${var.name}-backoffice-execution"
  role_path         = var.role_path
  role_boundary_arn = var.role_boundary_arn
  repository_arn    = var.repository_arn
  log_group_arn     = aws_cloudwatch_log_group.this.arn
  secret_arns       = values(var.secrets)
}

module "bootstrap_execution" {
  source            = "../execution_role"
  name              = "${var.name}-bootstrap-execution"
  role_path         = var.role_path
  role_boundary_arn = var.role_boundary_arn
  repository_arn    = var.repository_arn
  log_group_arn     = aws_cloudwatch_log_group.this.arn
  secret_arns       = concat(values(var.secrets), [var.database.master_secret_arn])
  secrets_key_arn   = var.database.kms_key_arn
}
