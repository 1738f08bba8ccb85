# GitHub's workflows act here by a token that GitHub signs for one run: there is no key to keep or to lose. Which run may
# become which role stands in the roles' trust, by the token's subject. A fork's pull request gets no token at all.

resource "aws_iam_openid_connect_provider" "github" {
  count          = var.oidc_provider_arn == null ? 1 : 0
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  oidc_provider_arn = var.oidc_provider_arn == null ? aws_iam_openid_connect_provider.github[0].arn : var.oidc_provider_arn
  repository        = coalesce(var.github_subject_repository, var.github_repository)

  # The apply role: only jobs of the protected environment, which somebody approves. The plan role: pull requests.
  subjects = {
    apply = "repo:${local.repository}:environment:${var.environment}"
    plan  = "repo:${local.repository}:pull_request"
  }
}

resource "aws_iam_role" "github" {
  for_each             = local.subjects
  name                 = "${local.name}-github-${each.key}"
  path                 = local.path
  description          = "GitHub Actions of ${var.github_repository}: ${each.key}"
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
}

data "aws_iam_policy_document" "trust" {
  for_each = local.subjects
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [local.oidc_provider_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = [each.value]
    }
  }
}
