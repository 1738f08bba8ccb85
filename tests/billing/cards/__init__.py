"""Paying by card: Stripe of the embedded world, told by webhooks that the tests deliver themselves."""
