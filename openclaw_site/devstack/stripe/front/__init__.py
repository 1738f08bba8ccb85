"""What stands before emulate and does of Stripe what emulate does not."""
