# What somebody types in a container is recorded, encrypted with a key of its own. No service allows it by default.

resource "aws_cloudwatch_log_group" "exec" {
  # checkov:skip=CKV_AWS_338:kept as long as it helps and no longer, by variable
  name              = "${var.log_group_prefix}/exec"
  retention_in_days = var.log_retention_days
  kms_key_id        = module.key.arn
}

module "key" {
  source               = "../key"
  alias                = "${var.name}-exec"
  description          = "${var.name} ECS Exec sessions"
  deletion_window_days = 7
  services = [{
    sid        = "CloudWatchLogsEncryptsTheRecord"
    principals = ["logs.${data.aws_region.current.name}.amazonaws.com"]
    actions    = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"]
    condition = {
      test     = "ArnEquals"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:log-group:${var.log_group_prefix}/exec"]
    }
  }]
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}
