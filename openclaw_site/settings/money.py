"""Money: what stands on invoices, when agents stop, cards at Stripe, and whose prices the platform has."""

from decimal import Decimal

from openclaw_site.settings.environment import env

# Which platform of billing/platform.py stands here, as customers share its cost: dev or production.
COSTS_PLATFORM: str = env.str("COSTS_PLATFORM", default="dev")
# Who sells: name, address, tax number and bank, lines parted by "|". Stands on every invoice.
INVOICE_SELLER: str = env.str("INVOICE_SELLER", default="OpenClaw").replace("|", "\n")
INVOICE_TAX_PERCENT: Decimal = Decimal(env.str("INVOICE_TAX_PERCENT", default="0"))
INVOICE_DUE_DAYS: int = env.int("INVOICE_DUE_DAYS", default=14)
# Days from the warning that money is missing until the agents stop, and from the trial's warning until its end.
SUBSCRIPTION_GRACE_DAYS: int = env.int("SUBSCRIPTION_GRACE_DAYS", default=7)
TRIAL_WARN_DAYS: int = env.int("TRIAL_WARN_DAYS", default=3)
# Stripe, where customers may pay by card. The worker alone has the key; the web process checks with the secret what
# Stripe sends. "unset" is what Terraform writes before an operator does.
STRIPE_SECRET_KEY: str = env.str("STRIPE_SECRET_KEY", default="").removeprefix("unset")
STRIPE_WEBHOOK_SECRET: str = env.str("STRIPE_WEBHOOK_SECRET", default="").removeprefix("unset")
STRIPE_API_URL: str = env.str("STRIPE_API_URL", default="https://api.stripe.com")
# Whether owners are offered to pay by card.
CARD_PAYMENTS: bool = env.bool("CARD_PAYMENTS", default=False)
