# What the approved apply may do: manage the services that the platform is made of, and roles on its own path under the
# boundary. It can't change what this folder made (its own role, the boundary, the OIDC provider, the state's bucket), read
# customers' secrets or objects, or make a user.

resource "aws_iam_role_policy" "apply" {
  name   = "manage-the-platform"
  role   = aws_iam_role.github["apply"].id
  policy = data.aws_iam_policy_document.apply.json
}

data "aws_iam_policy_document" "apply" {
  # checkov:skip=CKV_AWS_107:it manages the platform's services; customers' secrets are refused below
  # checkov:skip=CKV_AWS_108:it manages the platform's services; customers' objects are refused below
  # checkov:skip=CKV_AWS_109:roles can be made under the boundary alone, on one path
  # checkov:skip=CKV_AWS_110:roles can be made under the boundary alone, on one path
  # checkov:skip=CKV_AWS_111:it manages the platform's services
  # checkov:skip=CKV_AWS_356:most of these services' actions that make something know no resource before it is made
  statement {
    sid = "ManageServices"
    actions = [
      "acm:*",
      "application-autoscaling:*",
      "budgets:*",
      "cloudwatch:*",
      "ec2:*",
      "ecr:*",
      "ecs:*",
      "elasticache:*",
      "elasticloadbalancing:*",
      "events:*",
      "kms:*",
      "logs:*",
      "rds:*",
      "route53:*",
      "s3:*",
      "secretsmanager:*",
      "servicediscovery:*",
      "sns:*",
      "sqs:*",
      "ssm:*",
      "sts:GetCallerIdentity",
      "wafv2:*",
      "xray:*",
    ]
    resources = ["*"]
  }
  statement {
    sid = "ManageRolesOfThePlatform"
    actions = [
      "iam:CreatePolicy",
      "iam:CreatePolicyVersion",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:DeleteRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:Get*",
      "iam:List*",
      "iam:TagPolicy",
      "iam:TagRole",
      "iam:UntagPolicy",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
      "iam:UpdateRoleDescription",
    ]
    resources = local.of_the_platform
  }
  statement {
    sid       = "MakeRolesUnderTheBoundary"
    actions   = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:AttachRolePolicy"]
    resources = [local.platform]
    condition {
      test     = "ArnEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary.arn]
    }
  }
  statement {
    sid       = "PassRolesOfThePlatform"
    actions   = ["iam:PassRole"]
    resources = [local.platform]
    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com", "monitoring.rds.amazonaws.com", "rds.amazonaws.com", "vpc-flow-logs.amazonaws.com"]
    }
  }
  statement {
    sid       = "MakeServiceLinkedRoles"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:${local.partition}:iam::${var.account_id}:role/aws-service-role/*"]
  }

  # Tenants' roles are the product's.
  statement {
    sid       = "NotTenantsRoles"
    effect    = "Deny"
    actions   = ["iam:*"]
    resources = [local.tenant_roles]
  }
  statement {
    sid       = "NeverWithoutBoundary"
    effect    = "Deny"
    actions   = ["iam:DeleteRolePermissionsBoundary"]
    resources = ["*"]
  }
  statement {
    sid    = "NotWhatBootstrapMade"
    effect = "Deny"
    actions = [
      "iam:*",
    ]
    resources = [
      "arn:${local.partition}:iam::${var.account_id}:role${local.path}*",
      "arn:${local.partition}:iam::${var.account_id}:policy${local.path}*",
      local.oidc_provider_arn,
    ]
  }
  statement {
    sid    = "NotTheStatesBucketItself"
    effect = "Deny"
    actions = [
      "s3:DeleteBucket*",
      "s3:DeleteObjectVersion",
      "s3:PutBucket*",
      "s3:PutEncryptionConfiguration",
      "s3:PutLifecycleConfiguration",
    ]
    resources = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]
  }
  statement {
    sid       = "NotCustomersSecrets"
    effect    = "Deny"
    actions   = ["secretsmanager:*"]
    resources = ["arn:${local.partition}:secretsmanager:*:${var.account_id}:secret:/openclaw/*"]
  }
  statement {
    sid       = "NotCustomersObjects"
    effect    = "Deny"
    actions   = ["s3:GetObject*", "s3:PutObject*"]
    resources = ["arn:${local.partition}:s3:::${local.name}-agents-${var.account_id}/*"]
  }
}

locals {
  of_the_platform = [
    local.platform,
    "arn:${local.partition}:iam::${var.account_id}:policy/openclaw/${var.environment}/*",
  ]
}
