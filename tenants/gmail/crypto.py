"""Encryption with FIELD_KEY: of the token outbox, and of staff's authenticators.

FIELD_KEY is one Fernet key, or several with commas between them: the first encrypts, all decrypt. To rotate, put the
new key in front; the old one can go once the outbox is empty and all staff have signed in since, which encrypts their
authenticators anew. Whoever has not is reset by a colleague.
"""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class TokenUnreadable(Exception):
    """The outbox row was encrypted with a key that FIELD_KEY no longer has."""

    next_action = "Put the former key back behind the new one in FIELD_KEY, or let the customer connect Gmail again."

    def __init__(self) -> None:
        super().__init__("The stored token can't be decrypted with FIELD_KEY.")


def encrypt(value: dict[str, Any]) -> bytes:
    """`value` as JSON, encrypted with the first key. Raises ImproperlyConfigured without a usable key."""
    return _fernet().encrypt(json.dumps(value).encode())


def decrypt(ciphertext: bytes) -> dict[str, Any]:
    """What `encrypt` was given. Raises TokenUnreadable."""
    try:
        plain = _fernet().decrypt(ciphertext)
    except InvalidToken:
        raise TokenUnreadable from None
    value: dict[str, Any] = json.loads(plain)
    return value


def _fernet() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key.strip()) for key in settings.FIELD_KEY.split(",")])
    except ValueError:
        raise ImproperlyConfigured("FIELD_KEY must be one or more Fernet keys, with commas between them.") from None
