# The back office's own secrets. Values are made in memory and written without being kept: neither the plan nor the state
# has them. A value is written once; to write another, put it with the AWS CLI (docs/operations.md, “Rotate keys”).

locals {
  secret_names = { SECRET_KEY = "secret-key", FIELD_KEY = "field-key", GOOGLE_CLIENT_SECRET = "google-client-secret" }
}

ephemeral "aws_secretsmanager_random_password" "secret_key" {
  password_length     = 64
  exclude_punctuation = true
}

# A Fernet key is 32 bytes in base64: 43 letters or digits and a sign of equality are one.
ephemeral "aws_secretsmanager_random_password" "field_key" {
  password_length     = 43
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "this" {
  # checkov:skip=CKV_AWS_149:AWS's own key: who may read it is decided by IAM, in this account alone
  # checkov:skip=CKV2_AWS_57:put anew by hand when there is a reason (docs/operations.md, Rotate keys)
  for_each                = local.secret_names
  name                    = "${var.name}/${each.value}"
  description             = "The back office's ${each.key}"
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "secret_key" {
  secret_id                = aws_secretsmanager_secret.this["SECRET_KEY"].id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.secret_key.random_password
  secret_string_wo_version = 1
}

resource "aws_secretsmanager_secret_version" "field_key" {
  secret_id                = aws_secretsmanager_secret.this["FIELD_KEY"].id
  secret_string_wo         = "${ephemeral.aws_secretsmanager_random_password.field_key.random_password}="
  secret_string_wo_version = 1
}

# Google gives this one, and an operator puts it. Until then tasks can start, and doctor says what is missing.
resource "aws_secretsmanager_secret_version" "google_client_secret" {
  secret_id                = aws_secretsmanager_secret.this["GOOGLE_CLIENT_SECRET"].id
  secret_string_wo         = "unset"
  secret_string_wo_version = 1
}
