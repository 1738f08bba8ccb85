module "execution" {
  source            = "../execution_role"
  name              = "${var.name}-agents-execution"
  role_path         = var.role_path
  role_boundary_arn = var.role_boundary_arn
  repository_arn    = var.repository_arn
  log_group_arn     = aws_cloudwatch_log_group.agents.arn
  secret_arns       = distinct(values(var.secrets))
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}
