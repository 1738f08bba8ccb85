# What somebody types in a container is recorded, encrypted with a key of its own. No service allows it by default.

resource "aws_cloudwatch_log_group" "exec" {
  # checkov:skip=CKV_AWS_338:kept as long as it helps and no longer, by variable
  name              = "${var.log_group_prefix}/exec"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.exec.arn
}

resource "aws_kms_key" "exec" {
  description             = "${var.name} ECS Exec sessions"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  policy                  = data.aws_iam_policy_document.exec_key.json
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

# In a key's own policy the resource is the key itself, written as a star.
data "aws_iam_policy_document" "exec_key" {
  # checkov:skip=CKV_AWS_109:in a key's own policy the resource is the key itself, and the account decides by IAM
  # checkov:skip=CKV_AWS_111:in a key's own policy the resource is the key itself, and the account decides by IAM
  # checkov:skip=CKV_AWS_356:in a key's own policy the resource is the key itself, and the account decides by IAM
  statement {
    sid       = "AccountDecidesByPolicies"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
  statement {
    sid       = "CloudWatchLogsEncryptsTheRecord"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["logs.${data.aws_region.current.name}.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:log-group:${var.log_group_prefix}/exec"]
    }
  }
}
