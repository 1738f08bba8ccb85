"""Staff's authenticators and recovery codes, on allauth's models. Runs in the platform's context.

A time-based code (RFC 6238) holds for its 30 seconds and those before and after, since clocks differ, and once: the
step that was used last is kept with the secret, and none up to it is taken again.
"""

from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants.gmail.crypto import TokenUnreadable
from tenants.models import User

_STEP = "last_step"
_SECRETS = {"secret", "seed"}  # In a row's data: the authenticator's, the recovery codes'.
_OURS = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


class AuthenticatorUnreadable(Exception):
    """The secret was encrypted with a key that FIELD_KEY no longer has."""

    next_action = "Ask a colleague to reset your authenticator, then enrol again."

    def __init__(self) -> None:
        super().__init__("Your authenticator's secret can't be read any more.")


def secret_new() -> str:
    """A secret that nobody has yet: 160 bits in base 32."""
    return str(generate_totp_secret())


def secret_as_qr(*, user: User, secret: str) -> str:
    """An SVG that an authenticator app reads."""
    adapter = get_adapter()
    svg = str(adapter.build_totp_svg(adapter.build_totp_url(user, secret)))
    return svg[svg.index("<svg") :]


def is_enrolled(*, user: User) -> bool:
    """Whether the person has an authenticator."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def recovery_codes_left(*, user: User) -> int:
    """How many recovery codes were not used yet."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    if row is None:
        return 0
    try:
        return len(row.wrap().get_unused_codes())
    except TokenUnreadable:
        return 0


def authenticator_enrol(*, user: User, secret: str, code: str) -> list[str] | None:
    """The person has this authenticator, proved by its `code`, and these recovery codes, which nobody sees again.

    They are told by mail. None, and nothing is changed, when the code is wrong or they have an authenticator already.
    """
    from tenants.members.tasks import authenticator_mail_send

    step = _step(secret, code, after=0)
    if step is None:
        return None
    try:
        with transaction.atomic():
            row = TOTP.activate(user, secret).instance
            row.data[_STEP] = step
            row.save(update_fields=["data"])
            transaction.on_commit(lambda: authenticator_mail_send.delay(user.pk, "enrolled"), robust=True)
            return recovery_codes_renew(user=user)
    except IntegrityError:  # Enrolled in another tab at the same moment.
        return None


def recovery_codes_renew(*, user: User) -> list[str]:
    """Ten new recovery codes; the former hold no more."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
        codes: list[str] = RecoveryCodes.activate(user).generate_codes()
    return codes


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


def authenticator_reset(*, user: User) -> bool:
    """The person has no authenticator and no recovery codes, and enrols at the next sign-in; all their sessions have
    ended. False, and nothing is changed, when there was none. They are told by mail.
    """
    from tenants.members.services import access_revoke
    from tenants.members.tasks import authenticator_mail_send

    with transaction.atomic():
        if not Authenticator.objects.filter(user=user).delete()[0]:
            return False
        access_revoke(user=user)
        transaction.on_commit(lambda: authenticator_mail_send.delay(user.pk, "reset"), robust=True)
    return True


def _totp_takes(row: Any, code: str) -> bool:
    step = _step(get_adapter().decrypt(row.data["secret"]), code, after=row.data.get(_STEP, 0))
    if step is None:
        return False
    row.data[_STEP] = step
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


def _step(secret: str, code: str, *, after: int) -> int | None:
    """The 30-second step whose code this is, if it holds now and is later than `after`."""
    for step in yield_hotp_counters_from_time():
        expected = format_hotp_value(hotp_value(secret, step))
        if step > after and compare_user_code(actual=code, expected=expected):
            return int(step)
    return None
