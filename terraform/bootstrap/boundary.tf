# The most that any role of the platform can do, whatever the apply role attaches to it: it makes no roles but customers',
# takes on no role, and reaches neither the state nor what this folder made. Without it, whoever may make a role may
# make one that may do everything.

resource "aws_iam_policy" "boundary" {
  name        = "${local.name}-platform-boundary"
  path        = local.path
  description = "Permissions boundary of every role that Terraform makes for the platform"
  policy      = data.aws_iam_policy_document.boundary.json
}

locals {
  tenant_roles = "arn:${local.partition}:iam::${var.account_id}:role/openclaw/${var.environment}/tenants/*"
  platform     = "arn:${local.partition}:iam::${var.account_id}:role/openclaw/${var.environment}/*"
}

data "aws_iam_policy_document" "boundary" {
  # checkov:skip=CKV_AWS_107:a boundary grants nothing: it is what is left of other policies
  # checkov:skip=CKV_AWS_108:a boundary grants nothing: it is what is left of other policies
  # checkov:skip=CKV_AWS_109:a boundary grants nothing: it is what is left of other policies
  # checkov:skip=CKV_AWS_111:a boundary grants nothing: it is what is left of other policies
  # checkov:skip=CKV_AWS_356:a boundary grants nothing: it is what is left of other policies
  statement {
    sid = "WhatThePlatformWorksWith"
    actions = [
      "ce:GetCostAndUsage",
      "ce:ListCostAllocationTags",
      "ce:UpdateCostAllocationTagsStatus",
      "cloudwatch:PutMetricData",
      "ec2:Describe*",
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:GetAuthorizationToken",
      "ecr:GetDownloadUrlForLayer",
      "ecs:DescribeTaskDefinition",
      "ecs:DescribeTasks",
      "ecs:ListTasks",
      "ecs:RunTask",
      "ecs:StopTask",
      "ecs:TagResource",
      "elasticache:Connect",
      "iam:GetAccountSummary",
      "kms:Decrypt",
      "kms:GenerateDataKey",
      "logs:*",
      "rds-db:connect",
      "s3:*Object*",
      "s3:ListBucket",
      "s3:ListBucketVersions",
      "secretsmanager:*Secret*",
      "secretsmanager:TagResource",
      "servicequotas:GetServiceQuota",
      "ses:GetAccount",
      "ses:Send*",
      "sqs:*Message*",
      "sqs:GetQueueAttributes",
      "xray:GetSampling*",
      "xray:Put*",
    ]
    resources = ["*"]
  }
  statement {
    sid       = "RolesOfCustomers"
    actions   = ["iam:*Role*"]
    resources = [local.tenant_roles]
  }
  statement {
    sid       = "LookForRoles"
    actions   = ["iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:ListRoleTags"]
    resources = ["arn:${local.partition}:iam::${var.account_id}:role/t_*"]
  }
  statement {
    sid       = "PassRolesOfThePlatform"
    actions   = ["iam:PassRole"]
    resources = [local.platform]
  }
  statement {
    sid       = "NotTheState"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]
  }
}
