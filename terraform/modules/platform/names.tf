# Names that more than one layer needs.

locals {
  name             = "openclaw-${var.environment}"
  role_path        = "/openclaw/${var.environment}/"
  tenant_role_path = "/openclaw/${var.environment}/tenants/"
  # terraform/bootstrap makes it, and lets the apply role make no role without it.
  role_boundary_arn = "arn:${data.aws_partition.current.partition}:iam::${local.account_id}:policy/openclaw-bootstrap/${local.name}-platform-boundary"
  log_group_prefix  = "/openclaw/${var.environment}"
  metrics           = "OpenClaw/${var.environment}"
  emulated          = var.emulation != null
  account_id        = data.aws_caller_identity.current.account_id
  region            = data.aws_region.current.name
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_partition" "current" {}
