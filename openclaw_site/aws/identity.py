"""Who AWS takes this process for.

Owns the STS call and the reading of its ARN; what an identity may do is IAM's matter, and whether it
is the expected one is its caller's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from openclaw_site.aws.clients import client
from openclaw_site.aws.translation import translated

_ASSUMED_ROLE: Final = re.compile(r"arn:[^:]+:sts::\d{12}:assumed-role/(?P<role>[^/]+)/.+")


@dataclass(frozen=True)
class Identity:
    """An AWS identity: `role_name` is the assumed role's, None for a user or the account's root."""

    account: str
    arn: str
    role_name: str | None


def caller_identity() -> Identity:
    """The identity behind this process's credentials, asked anew at each call.

    Raises CredentialsMissing, Unreachable, Throttled.
    """
    with translated("GetCallerIdentity"):
        answer = client("sts").get_caller_identity()
    assumed = _ASSUMED_ROLE.fullmatch(answer["Arn"])
    return Identity(account=answer["Account"], arn=answer["Arn"], role_name=assumed["role"] if assumed else None)
