"""A customer's members: who they are, how they sign in on the public host, and how they get to the customer's own.

A session holds in one place only, the public host or one customer's host; the back office has its own sign-in.
"""
