# A second wall beside the tenants' IAM policy, from the bucket's side: whoever acts as a customer's role is refused
# outside the prefix of that role's TenantID tag. One statement for all customers; a role without the tag gets nothing.

resource "aws_s3_bucket_policy" "this" {
  bucket     = aws_s3_bucket.this.id
  policy     = data.aws_iam_policy_document.bucket.json
  depends_on = [aws_s3_bucket_public_access_block.this]
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid     = "TenantsStayInTheirPrefix"
    effect  = "Deny"
    actions = ["s3:*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    not_resources = [
      aws_s3_bucket.this.arn,
      "${aws_s3_bucket.this.arn}/&{aws:PrincipalTag/TenantID}/*",
    ]
    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = [local.tenant_roles]
    }
  }

  # A listing names the bucket, so its prefix decides. Nothing else of the bucket is a tenant's.
  statement {
    sid     = "TenantsListTheirPrefixOnly"
    effect  = "Deny"
    actions = ["s3:*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    resources = [aws_s3_bucket.this.arn]
    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = [local.tenant_roles]
    }
    condition {
      test     = "StringNotLike"
      variable = "s3:prefix"
      values   = ["&{aws:PrincipalTag/TenantID}/*"]
    }
  }

  dynamic "statement" {
    for_each = var.emulated ? [] : ["TlsOnly"]
    content {
      sid     = statement.value
      effect  = "Deny"
      actions = ["s3:*"]
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
      condition {
        test     = "Bool"
        variable = "aws:SecureTransport"
        values   = ["false"]
      }
    }
  }
}

locals {
  tenant_roles = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role${var.tenant_role_path}*"
}
