# A secret whose value is made in memory and written without being kept: neither a plan nor the state has it. It is written
# once; another is put with the AWS CLI, or by raising value_version.

ephemeral "aws_secretsmanager_random_password" "this" {
  password_length     = max(var.length, 16)
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "this" {
  # checkov:skip=CKV_AWS_149:AWS's own key: who may read it is decided by IAM, in this account alone
  # checkov:skip=CKV2_AWS_57:put anew by hand when there is a reason (docs/operations.md, Rotate keys)
  name                    = var.name
  description             = var.description
  recovery_window_in_days = var.recovery_days
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo         = var.length == 0 ? "unset" : "${ephemeral.aws_secretsmanager_random_password.this.random_password}${var.suffix}"
  secret_string_wo_version = var.value_version
}
