# The platform's own secrets, by the environment name that reads them. They stand under the environment's name, never under
# /openclaw/, where customers' are.

locals {
  secrets = merge(local.own_secrets, var.card_payments ? local.card_secrets : {})

  own_secrets = {
    SECRET_KEY = { name = "secret-key", length = 64 }
    # A Fernet key is 32 bytes in base64: 43 letters or digits and a sign of equality are one.
    FIELD_KEY = { name = "field-key", length = 43, suffix = "=" }
    # Google gives this one, and an operator puts it. Until then tasks can start, and doctor says what is missing.
    GOOGLE_CLIENT_SECRET = { name = "google-client-secret", length = 0 }
  }

  # Stripe gives these two. Who can ask Stripe for money faces no visitor, and who faces visitors can't ask.
  card_secrets = {
    STRIPE_SECRET_KEY     = { name = "stripe-secret-key", length = 0, processes = ["worker", "operator"] }
    STRIPE_WEBHOOK_SECRET = { name = "stripe-webhook-secret", length = 0, processes = ["web"] }
  }
}

module "secret" {
  source        = "../secret"
  for_each      = local.secrets
  name          = "${local.name}/${each.value.name}"
  description   = "The back office's ${each.key}"
  length        = each.value.length
  suffix        = try(each.value.suffix, "")
  recovery_days = local.secret_recovery_days
}

# The agents' supervisor holds it; the engine, which reads strangers' mail, never sees it.
module "egress_token" {
  count         = var.egress == null ? 0 : 1
  source        = "../secret"
  name          = "${local.name}/egress-token"
  description   = "What the egress proxy asks agents for"
  length        = 48
  value_version = var.egress.token_version
  recovery_days = local.secret_recovery_days
}

locals {
  secret_recovery_days = var.protect_data ? 30 : 0
}
