"""Whether a code holds: a time-based one (RFC 6238) of the person's authenticator, or a recovery code. Each once.

A time-based code holds for its 30 seconds and those before and after, since clocks differ: the step that was used last
is kept with the secret, and none up to it is taken again. Runs in the platform's context.
"""

from typing import Any, Final

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import transaction
from django.utils import timezone

from tenants.gmail.crypto import TokenUnreadable
from tenants.models import User

LAST_STEP: Final = "last_step"
_SECRETS: Final = {"secret", "seed"}  # In a row's data: the authenticator's, the recovery codes'.
_OURS: Final = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


class AuthenticatorUnreadable(Exception):
    """The secret was encrypted with a key that FIELD_KEY no longer has."""

    next_action = "Ask a colleague to reset your authenticator, then enrol again."

    def __init__(self) -> None:
        super().__init__("Your authenticator's secret can't be read any more.")


def code_check(*, user: User, code: str) -> bool:
    """Whether this is a code of the person's authenticator or a recovery code. It is used up if so.

    Of two who send one code at once, one gets True. What is stored is encrypted anew with the first key of FIELD_KEY.
    Raises AuthenticatorUnreadable.
    """
    with transaction.atomic():
        rows = {row.type: row for row in Authenticator.objects.select_for_update().filter(user=user, type__in=_OURS)}
        totp = rows.get(Authenticator.Type.TOTP)
        recovery = rows.get(Authenticator.Type.RECOVERY_CODES)
        if totp is None:
            return False
        try:
            taken = _totp_takes(totp, code) or (recovery is not None and _recovery_takes(recovery, code))
            if taken:
                for row in rows.values():
                    _encrypt_anew(row)
            return taken
        except TokenUnreadable:
            raise AuthenticatorUnreadable from None


def _totp_takes(row: Any, code: str) -> bool:
    step = step_of(get_adapter().decrypt(row.data["secret"]), code, after=row.data.get(LAST_STEP, 0))
    if step is None:
        return False
    row.data[LAST_STEP] = step
    row.last_used_at = timezone.now()
    return True


def _recovery_takes(row: Any, code: str) -> bool:
    if not row.wrap().validate_code(code):
        return False
    row.refresh_from_db()
    row.last_used_at = timezone.now()
    return True


def _encrypt_anew(row: Any) -> None:
    adapter = get_adapter()
    for name in _SECRETS & row.data.keys():
        row.data[name] = adapter.encrypt(adapter.decrypt(row.data[name]))
    row.save(update_fields=["data", "last_used_at"])


def step_of(secret: str, code: str, *, after: int) -> int | None:
    """The 30-second step whose code this is, if it holds now and is later than `after`."""
    for step in yield_hotp_counters_from_time():
        expected = format_hotp_value(hotp_value(secret, step))
        if step > after and compare_user_code(actual=code, expected=expected):
            return int(step)
    return None
