# A key of our own, which changes once a year. The account decides by IAM policies who uses it; services only as listed.

resource "aws_kms_key" "this" {
  description             = var.description
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_window_days
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.alias}"
  target_key_id = aws_kms_key.this.key_id
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# In a key's own policy the resource is the key itself, written as a star.
data "aws_iam_policy_document" "key" {
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

  dynamic "statement" {
    for_each = var.services
    content {
      sid       = statement.value.sid
      actions   = statement.value.actions
      resources = ["*"]
      principals {
        type        = "Service"
        identifiers = statement.value.principals
      }
      condition {
        test     = statement.value.condition.test
        variable = statement.value.condition.variable
        values   = statement.value.condition.values
      }
    }
  }
}
