"""Passwords for ElastiCache, made from AWS credentials.

Owns the signing of an IAM log-in token. It is computed here, without a call to AWS; opening the connection (and TLS,
which IAM log-in demands) is the caller's. Source: Amazon ElastiCache user guide, "Authenticating with IAM".
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from openclaw_site.aws.clients import credentials
from openclaw_site.aws.translation import translated

TOKEN_SECONDS: Final = 900


def login_token(*, cache_name: str, user: str, region: str) -> str:
    """A password for `user` of the replication group `cache_name`, valid for opening connections for 15 minutes.

    The token is a secret: hand it to the driver, keep it nowhere. Safe to repeat; make a fresh one for each connection.
    Raises CredentialsMissing.
    """
    with translated("ElastiCacheConnect", private=True):
        from botocore.auth import SigV4QueryAuth
        from botocore.awsrequest import AWSRequest

        query = urlencode({"Action": "connect", "User": user})
        request = AWSRequest(method="GET", url=f"http://{cache_name}/?{query}")
        SigV4QueryAuth(credentials(), "elasticache", region, expires=TOKEN_SECONDS).add_auth(request)
        return str(request.url).removeprefix("http://")
