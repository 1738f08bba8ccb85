"""Pages of the sign-in: `public` for the public host, `portal` for a customer's host."""
