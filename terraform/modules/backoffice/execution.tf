# What ECS does for the back office's tasks: pull the image, write the log, read the secrets of the definition. The
# database's master password is read for `bootstrap` alone.

resource "aws_iam_role" "execution" {
  name                 = "${var.name}-backoffice-execution"
  path                 = var.role_path
  permissions_boundary = var.role_boundary_arn
  assume_role_policy   = data.aws_iam_policy_document.tasks_trust.json
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-the-back-office"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

resource "aws_iam_role" "bootstrap_execution" {
  name                 = "${var.name}-bootstrap-execution"
  path                 = var.role_path
  permissions_boundary = var.role_boundary_arn
  assume_role_policy   = data.aws_iam_policy_document.tasks_trust.json
}

resource "aws_iam_role_policy" "bootstrap_execution" {
  name   = "start-bootstrap"
  role   = aws_iam_role.bootstrap_execution.id
  policy = data.aws_iam_policy_document.bootstrap_execution.json
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
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }
  statement {
    sid       = "ReadSecretsOfTheDefinition"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = values(var.secrets)
  }
}

data "aws_iam_policy_document" "bootstrap_execution" {
  source_policy_documents = [data.aws_iam_policy_document.execution.json]

  statement {
    sid       = "ReadTheMasterPassword"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.database.master_secret_arn]
  }
  statement {
    sid       = "DecryptIt"
    actions   = ["kms:Decrypt"]
    resources = [var.database.kms_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${local.region}.amazonaws.com"]
    }
  }
}
