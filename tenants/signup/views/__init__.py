"""Pages of the sign-up, on the public host: `begin`, `confirm`, `progress`, and `google` for its way there and back."""
