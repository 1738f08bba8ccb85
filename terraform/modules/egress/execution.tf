# The proxy itself has no role at AWS.

module "execution" {
  source            = "../execution_role"
  name              = "${var.name}-egress-execution"
  role_path         = var.role_path
  role_boundary_arn = var.role_boundary_arn
  repository_arn    = var.repository_arn
  log_group_arn     = aws_cloudwatch_log_group.this.arn
  secret_arns       = [var.token_secret_arn]
}
