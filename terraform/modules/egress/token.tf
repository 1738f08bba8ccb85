# What the proxy asks for. The agents' supervisor holds it; the engine, which reads strangers' mail, never sees it.

ephemeral "aws_secretsmanager_random_password" "token" {
  password_length     = 48
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "token" {
  # checkov:skip=CKV_AWS_149:AWS's own key: who may read it is decided by IAM, in this account alone
  # checkov:skip=CKV2_AWS_57:put anew by hand when there is a reason (docs/operations.md, Rotate keys)
  name                    = "${var.name}/egress-token"
  description             = "What the egress proxy asks agents for"
  recovery_window_in_days = var.recovery_days
}

resource "aws_secretsmanager_secret_version" "token" {
  secret_id                = aws_secretsmanager_secret.token.id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.token.random_password
  secret_string_wo_version = var.token_version
}
