# What a customer's agents may do: one policy for all of them, bounded by the TenantID tag of the role that they act as.
# The boundary says the same from the other side: whatever is attached to such a role, it can do no more.

locals {
  tenant     = "&{aws:PrincipalTag/TenantID}"
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name
  account_id = data.aws_caller_identity.current.account_id

  own_objects  = "${var.bucket_arn}/${local.tenant}/*"
  own_secret   = "arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:/openclaw/${local.tenant}/*"
  own_database = "arn:${local.partition}:rds-db:${local.region}:${local.account_id}:dbuser:${var.database_resource_id}/t_${local.tenant}"

  # An inference profile spreads calls over regions, so its model is allowed in each of them.
  profile_ids = [for id in var.model_ids : id if can(regex("^(us|eu|apac|global|jp|au)\\.", id))]
  models = sort(distinct(concat(
    [for id in local.profile_ids : "arn:${local.partition}:bedrock:${local.region}:${local.account_id}:inference-profile/${id}"],
    [for id in local.profile_ids : "arn:${local.partition}:bedrock:*::foundation-model/${replace(id, "/^[a-z]+\\./", "")}"],
    [for id in var.model_ids : "arn:${local.partition}:bedrock:${local.region}::foundation-model/${id}" if !contains(local.profile_ids, id)],
  )))
}

resource "aws_iam_policy" "tenant" {
  name        = "${var.name}-tenant"
  path        = var.role_path
  description = "Attached to each customer's role: its own prefix, secret and database log-in"
  policy      = data.aws_iam_policy_document.tenant.json
}

resource "aws_iam_policy" "boundary" {
  name        = "${var.name}-tenant-boundary"
  path        = var.role_path
  description = "The most that a customer's role can ever do"
  policy      = data.aws_iam_policy_document.boundary.json
}

# Both say this.
data "aws_iam_policy_document" "own" {
  statement {
    sid       = "OwnPrefixObjects"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = [local.own_objects]
  }
  statement {
    sid       = "OwnPrefixListing"
    actions   = ["s3:ListBucket"]
    resources = [var.bucket_arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${local.tenant}/*"]
    }
  }
  statement {
    sid       = "ObjectsKeyThroughS3"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.bucket_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }
  statement {
    sid       = "OwnSecrets"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    resources = [local.own_secret]
  }
  statement {
    sid       = "OwnDatabaseLogin"
    actions   = ["rds-db:connect"]
    resources = [local.own_database]
  }
}

data "aws_iam_policy_document" "tenant" {
  source_policy_documents = [data.aws_iam_policy_document.own.json]

  statement {
    sid       = "ListedModels"
    actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = local.models
  }
}

# Any model: which of them is the policy's matter, so that a new one needs no new boundary.
data "aws_iam_policy_document" "boundary" {
  source_policy_documents = [data.aws_iam_policy_document.own.json]

  statement {
    sid       = "Models"
    actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = ["arn:${local.partition}:bedrock:*::foundation-model/*", "arn:${local.partition}:bedrock:*:${local.account_id}:inference-profile/*"]
  }
}
