"""Secrets Manager: JSON objects under a name.

Owns create-or-update, restore, read and scheduled deletion. A value is never logged and never part
of an exception. Which names exist and what the values mean is the callers' business.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from openclaw_site.aws.clients import client
from openclaw_site.aws.errors import InvalidRequest, SecretMissing, ServiceFault
from openclaw_site.aws.translation import translated

# What Secrets Manager answers both for a name that is taken and for one that is scheduled for deletion.
_TAKEN: Final = frozenset({"ResourceExistsException", "InvalidRequestException"})


@dataclass(frozen=True)
class SecretInfo:
    """A secret without its value; `deleted_at` is set when it is scheduled for deletion."""

    name: str
    arn: str
    deleted_at: datetime | None
    tags: Mapping[str, str]


@dataclass(frozen=True)
class SecretDeletion:
    """A scheduled deletion: until `deletes_at` (UTC) the secret can be restored."""

    name: str
    deletes_at: datetime


def find_secret(*, name: str) -> SecretInfo | None:
    """The secret of that name, also when it is scheduled for deletion; None when there is none."""
    try:
        with translated("DescribeSecret", missing=SecretMissing):
            answer = client("secretsmanager").describe_secret(SecretId=name)
    except SecretMissing:
        return None
    deleted_at = answer.get("DeletedDate")
    return SecretInfo(
        name=answer["Name"],
        arn=answer["ARN"],
        deleted_at=deleted_at.astimezone(UTC) if deleted_at else None,
        tags={tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])},
    )


def put_secret(*, name: str, value: Mapping[str, Any], tags: Mapping[str, str]) -> str:
    """The secret exists, holds `value` as JSON and carries `tags`; its ARN.

    Creates it, or restores it when it is scheduled for deletion, then tags it before the value goes
    in (the tags say who may read it). Safe to repeat: there is one secret, each call adds a version.
    Raises AccessDenied, InvalidRequest (for one over 64 KiB), Throttled, ServiceFault; none has the value.
    """
    text = json.dumps(value)
    found = find_secret(name=name)
    if found is None:
        try:
            return _create(name, text, tags)
        except _NameTaken:
            # Somebody made it, or the description lagged behind: go on as with one that was there.
            found = find_secret(name=name)
            if found is None:
                raise
    if found.deleted_at is not None:
        restore_secret(name=name)
    _converge_tags(found, tags)
    _update(name, text)
    return found.arn


def get_secret(*, name: str) -> dict[str, Any]:
    """The secret's JSON object.

    Raises SecretMissing (none of that name, or scheduled for deletion), AccessDenied, and
    InvalidRequest when the value is not a JSON object.
    """
    try:
        with translated("GetSecretValue", missing=SecretMissing, private=True):
            text = client("secretsmanager").get_secret_value(SecretId=name).get("SecretString", "")
    except InvalidRequest as error:
        if error.code == "InvalidRequestException":
            raise SecretMissing(
                "the secret is scheduled for deletion", operation=error.operation, code=error.code
            ) from None
        raise
    value = _parsed(text)
    if value is None:
        raise InvalidRequest(
            f"the secret {name} is not a JSON object",
            operation="GetSecretValue",
            next_action="Store the secret again (for a customer's Gmail: connect it again).",
        )
    return value


def restore_secret(*, name: str) -> None:
    """The secret is no longer scheduled for deletion. Safe to repeat. Raises SecretMissing."""
    with translated("RestoreSecret", missing=SecretMissing):
        client("secretsmanager").restore_secret(SecretId=name)


def delete_secret(*, name: str, recovery_days: int = 7) -> SecretDeletion | None:
    """The secret is unreadable and gone after `recovery_days` (7-30); None when there was none.

    Safe to repeat: a deletion already scheduled keeps its date.
    """
    found = find_secret(name=name)
    if found is None:
        return None
    if found.deleted_at is not None:
        return SecretDeletion(name=name, deletes_at=found.deleted_at)
    try:
        with translated("DeleteSecret", missing=SecretMissing):
            answer = client("secretsmanager").delete_secret(SecretId=name, RecoveryWindowInDays=recovery_days)
    except SecretMissing:
        return None
    return SecretDeletion(name=name, deletes_at=answer["DeletionDate"].astimezone(UTC))


class _NameTaken(ServiceFault):
    """The name is in use, though the secret may not be found yet."""


def _create(name: str, text: str, tags: Mapping[str, str]) -> str:
    """The new secret's ARN. Raises _NameTaken."""
    try:
        with translated("CreateSecret", private=True):
            answer = client("secretsmanager").create_secret(
                Name=name,
                SecretString=text,
                Tags=[{"Key": key, "Value": tag} for key, tag in sorted(tags.items())],
            )
    except InvalidRequest as error:
        if error.code in _TAKEN:
            raise _NameTaken("the secret's name is taken", operation=error.operation, code=error.code) from None
        raise
    return answer["ARN"]


def _update(name: str, text: str) -> None:
    try:
        with translated("PutSecretValue", missing=SecretMissing, private=True):
            client("secretsmanager").put_secret_value(SecretId=name, SecretString=text)
    except InvalidRequest as error:
        # Only a scheduled deletion makes a plain update an invalid request, and that was lifted above.
        if error.code == "InvalidRequestException":
            raise ServiceFault("the secret is not writable yet", operation="PutSecretValue", code=error.code) from None
        raise


def _converge_tags(found: SecretInfo, tags: Mapping[str, str]) -> None:
    wrong = {key: tag for key, tag in tags.items() if found.tags.get(key) != tag}
    if not wrong:
        return
    with translated("TagResource", missing=SecretMissing):
        client("secretsmanager").tag_resource(
            SecretId=found.arn, Tags=[{"Key": key, "Value": tag} for key, tag in sorted(wrong.items())]
        )


def _parsed(text: str) -> dict[str, Any] | None:
    """The JSON object in `text`, or None. A JSONDecodeError holds the whole text, so it must not go on."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
