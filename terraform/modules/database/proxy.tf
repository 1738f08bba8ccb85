# RDS Proxy, off unless asked for: variables.tf says what pins it. It logs in with the master user's secret, which
# suits a trial; for production give it a secret of openclaw_app's own.

resource "aws_db_proxy" "this" {
  count = var.proxy ? 1 : 0

  name                   = var.name
  engine_family          = "POSTGRESQL"
  role_arn               = aws_iam_role.proxy[0].arn
  require_tls            = true
  vpc_subnet_ids         = var.subnet_ids
  vpc_security_group_ids = [var.security_group_id]

  auth {
    auth_scheme = "SECRETS"
    iam_auth    = "REQUIRED"
    secret_arn  = aws_db_instance.this.master_user_secret[0].secret_arn
  }
}

resource "aws_db_proxy_default_target_group" "this" {
  count         = var.proxy ? 1 : 0
  db_proxy_name = aws_db_proxy.this[0].name

  connection_pool_config {
    max_connections_percent = 80
  }
}

resource "aws_db_proxy_target" "this" {
  count                  = var.proxy ? 1 : 0
  db_proxy_name          = aws_db_proxy.this[0].name
  target_group_name      = aws_db_proxy_default_target_group.this[0].name
  db_instance_identifier = aws_db_instance.this.identifier
}

resource "aws_iam_role" "proxy" {
  count                = var.proxy ? 1 : 0
  name                 = "${var.name}-rds-proxy"
  path                 = var.role_path
  permissions_boundary = var.role_boundary_arn
  assume_role_policy   = data.aws_iam_policy_document.proxy_trust.json
}

data "aws_iam_policy_document" "proxy_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["rds.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role_policy" "proxy" {
  count  = var.proxy ? 1 : 0
  name   = "read-the-master-secret"
  role   = aws_iam_role.proxy[0].id
  policy = data.aws_iam_policy_document.proxy[0].json
}

data "aws_iam_policy_document" "proxy" {
  count = var.proxy ? 1 : 0
  statement {
    sid       = "ReadTheMasterSecret"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_db_instance.this.master_user_secret[0].secret_arn]
  }
  statement {
    sid       = "DecryptIt"
    actions   = ["kms:Decrypt"]
    resources = [module.key.arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${data.aws_region.current.name}.amazonaws.com"]
    }
  }
}

data "aws_region" "current" {}
