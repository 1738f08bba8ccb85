"""Bedrock's Anthropic endpoint: its address, and the signature that it asks for.

Owns the signing of a request with this process's credentials (the task role's, fetched anew before they expire).
Sending it, and streaming the answer, is the caller's.
"""

from __future__ import annotations

from collections.abc import Mapping

from openclaw_site.aws.clients import credentials
from openclaw_site.aws.translation import translated

SERVICE = "bedrock"
MESSAGES_PATH = "/anthropic/v1/messages"


def messages_endpoint(region: str) -> str:
    """The origin that answers MESSAGES_PATH (AWS's user guide, "Inference using Anthropic Messages API")."""
    return f"https://bedrock-runtime.{region}.amazonaws.com"


def signed_headers(*, url: str, body: bytes, headers: Mapping[str, str], region: str) -> dict[str, str]:
    """The headers to POST exactly this body to exactly this address with, for five minutes.

    They are secrets: send them, keep them nowhere. Safe to repeat; make fresh ones for each request.
    Raises CredentialsMissing, Unreachable.
    """
    with translated("SignMessages", private=True):
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        request = AWSRequest(method="POST", url=url, data=body, headers=dict(headers))
        SigV4Auth(credentials(), SERVICE, region).add_auth(request)
        return {name: str(value) for name, value in request.headers.items()}
