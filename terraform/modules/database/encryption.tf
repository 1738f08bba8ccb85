# One key for storage, backups, Performance Insights and the master user's secret.

module "key" {
  source      = "../key"
  alias       = "${var.name}-database"
  description = "${var.name} database"
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}
