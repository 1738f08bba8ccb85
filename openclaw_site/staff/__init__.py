"""Staff of the back office: their two-step sign-in, their authenticators, and the groups that say who may do what."""
