"""A customer's Gmail: the consent, the token's way into Secrets Manager, and whether it still works.

Google's consent is never a login here: no account, user or session of ours comes from it.
"""
