"""Passwords for RDS, made from AWS credentials.

Owns the signing of an IAM log-in token. It is computed here, without a call to AWS; opening the
connection (and TLS, which IAM log-in demands) is the caller's.
"""

from __future__ import annotations

from openclaw_site.aws.clients import client
from openclaw_site.aws.translation import translated


def login_token(*, host: str, port: int, user: str, region: str) -> str:
    """A password for `user` at that address, valid for opening connections for 15 minutes.

    The token is a secret: hand it to the driver, keep it nowhere. Safe to repeat; make a fresh one
    for each connection. Raises CredentialsMissing.
    """
    with translated("GenerateDBAuthToken", private=True):
        return client("rds").generate_db_auth_token(DBHostname=host, Port=port, DBUsername=user, Region=region)
