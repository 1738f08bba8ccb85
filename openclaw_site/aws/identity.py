"""Who AWS takes this process for, and how it becomes a role.

Owns the STS calls and the reading of the ARN; what an identity may do is IAM's matter, and whether it
is the expected one is its caller's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from openclaw_site.aws.clients import client
from openclaw_site.aws.translation import translated

_ASSUMED_ROLE: Final = re.compile(r"arn:[^:]+:sts::\d{12}:assumed-role/(?P<role>[^/]+)/.+")


@dataclass(frozen=True)
class Identity:
    """An AWS identity: `role_name` is the assumed role's, None for a user or the account's root."""

    account: str
    arn: str
    role_name: str | None


@dataclass(frozen=True)
class Credentials:
    """A role's credentials for a short time. The repr hides what is secret."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)

    def environment(self) -> dict[str, str]:
        """The variables from which boto3 takes them."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_SESSION_TOKEN": self.session_token,
        }


def assume_role(*, role_arn: str, session_name: str, seconds: int = 900) -> Credentials:
    """Credentials of the role, for `seconds` (900 at least). Raises AccessDenied when it does not trust us."""
    with translated("AssumeRole"):
        answer = client("sts").assume_role(RoleArn=role_arn, RoleSessionName=session_name, DurationSeconds=seconds)[
            "Credentials"
        ]
    return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])


def caller_identity() -> Identity:
    """The identity behind this process's credentials, asked anew at each call.

    Raises CredentialsMissing, Unreachable, Throttled.
    """
    with translated("GetCallerIdentity"):
        return identity_of(client("sts").get_caller_identity())


def identity_of(answer: Mapping[str, Any]) -> Identity:
    """The identity in an answer of GetCallerIdentity."""
    assumed = _ASSUMED_ROLE.fullmatch(answer["Arn"])
    return Identity(account=answer["Account"], arn=answer["Arn"], role_name=assumed["role"] if assumed else None)
