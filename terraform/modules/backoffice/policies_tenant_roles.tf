# Making and removing customers' roles: on one path, under one boundary, with one policy. What IAM has no condition for,
# and so is left to trust in the provisioner: whom such a role trusts, and that its TenantID tag is the right one.

data "aws_iam_policy_document" "tenant_roles" {
  statement {
    sid       = "MakeBoundedRoles"
    actions   = ["iam:CreateRole", "iam:PutRolePermissionsBoundary"]
    resources = [local.tenant_roles]
    condition {
      test     = "ArnEquals"
      variable = "iam:PermissionsBoundary"
      values   = [var.agents.tenant_boundary_arn]
    }
  }
  statement {
    sid       = "AttachTheOnePolicy"
    actions   = ["iam:AttachRolePolicy"]
    resources = [local.tenant_roles]
    condition {
      test     = "ArnEquals"
      variable = "iam:PolicyARN"
      values   = [var.agents.tenant_policy_arn]
    }
  }
  statement {
    sid = "KeepAndRemoveRoles"
    actions = [
      "iam:DeleteRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:GetRole",
      "iam:ListAttachedRolePolicies",
      "iam:ListRolePolicies",
      "iam:ListRoleTags",
      "iam:TagRole",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
    ]
    resources = [local.tenant_roles]
  }

  # A role that is looked for by its name and not there has no path to be checked by.
  statement {
    sid = "LookForRoles"
    actions = [
      "iam:GetRole",
      "iam:ListAttachedRolePolicies",
      "iam:ListRolePolicies",
      "iam:ListRoleTags",
    ]
    resources = ["arn:${local.partition}:iam::${local.account_id}:role/t_*"]
  }

  # Said once more as refusals, so that no policy attached later loosens it.
  statement {
    sid       = "NeverWithoutBoundary"
    effect    = "Deny"
    actions   = ["iam:DeleteRolePermissionsBoundary"]
    resources = ["*"]
  }
  statement {
    sid       = "NeverAnotherBoundary"
    effect    = "Deny"
    actions   = ["iam:CreateRole", "iam:PutRolePermissionsBoundary"]
    resources = ["*"]
    condition {
      test     = "ArnNotEquals"
      variable = "iam:PermissionsBoundary"
      values   = [var.agents.tenant_boundary_arn]
    }
  }
  statement {
    sid       = "NeverAnotherPolicy"
    effect    = "Deny"
    actions   = ["iam:AttachRolePolicy"]
    resources = ["*"]
    condition {
      test     = "ArnNotEquals"
      variable = "iam:PolicyARN"
      values   = [var.agents.tenant_policy_arn]
    }
  }
  statement {
    sid       = "NeverChangeThePoliciesThemselves"
    effect    = "Deny"
    actions   = ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion"]
    resources = [var.agents.tenant_policy_arn, var.agents.tenant_boundary_arn]
  }
}
