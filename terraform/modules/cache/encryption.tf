resource "aws_kms_key" "this" {
  description             = "${var.name} cache"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}-cache"
  target_key_id = aws_kms_key.this.key_id
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# The account decides by IAM policies. In a key's own policy the resource is the key itself, written as a star.
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
}
