"""The customer's Gmail credentials, from Secrets Manager into memory.

Owns the check of the secret's shape. The back office writes the secret; here it is only read, with the task
role's credentials, and never written anywhere.
"""

from dataclasses import dataclass, field

from agents.runtime.config import safe_origin
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure
from openclaw_site.aws.errors import AwsError
from openclaw_site.aws.secrets import get_secret


@dataclass(frozen=True, slots=True)
class GmailSecret:
    """What a refresh of the access token needs. Its repr shows no value."""

    refresh_token: str = field(repr=False)
    token_uri: str = field(repr=False)
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)


def read_gmail_secret(name: str) -> GmailSecret:
    """The secret called `name`.

    Raises Failure(SECRET_UNREADABLE): retryable when AWS may answer later, not when the secret is missing,
    forbidden or lacks a field (the detail names the field).
    """
    try:
        value = get_secret(name=name)
    except AwsError as error:
        raise Failure(Exit.SECRET_UNREADABLE, type(error).__name__, retryable=error.retryable) from error
    fields = ("refresh_token", "token_uri", "client_id", "client_secret")
    missing = [field for field in fields if not isinstance(value.get(field), str) or not value[field]]
    if missing:
        raise Failure(Exit.SECRET_UNREADABLE, f"the secret lacks {', '.join(missing)}")
    if not _may_send_to(value["token_uri"]):
        raise Failure(Exit.SECRET_UNREADABLE, "the secret's token_uri is not an https address")
    return GmailSecret(**{field: value[field] for field in fields})


def _may_send_to(url: str) -> bool:
    try:
        return safe_origin(url)
    except ValueError:
        return False
