"""Stripe of the embedded world, as Stripe's own library finds it."""
