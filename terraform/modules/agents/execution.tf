# What ECS itself does for an agent's task before and while it runs: pull the image, write the log, read the proxy's
# token. The agent has none of these rights.

resource "aws_iam_role" "execution" {
  name                 = "${var.name}-agents-execution"
  path                 = var.role_path
  permissions_boundary = var.role_boundary_arn
  assume_role_policy   = data.aws_iam_policy_document.tasks_trust.json
}

data "aws_iam_policy_document" "tasks_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-agents"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

data "aws_iam_policy_document" "execution" {
  # A log-in token is the account's, not a repository's: AWS knows no narrower resource for it.
  statement {
    sid       = "LogInToTheRegistry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
  statement {
    sid       = "PullTheImage"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [var.repository_arn]
  }
  statement {
    sid       = "WriteTheLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.agents.arn}:*"]
  }
  dynamic "statement" {
    for_each = length(var.secrets) == 0 ? [] : ["ReadSecretsOfTheDefinition"]
    content {
      sid       = statement.value
      actions   = ["secretsmanager:GetSecretValue"]
      resources = distinct(values(var.secrets))
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}
