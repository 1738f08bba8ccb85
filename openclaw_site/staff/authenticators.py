"""Staff's authenticators and recovery codes, on allauth's models: enrolled, replaced, reset. Runs in the platform's
context. Whether a code holds is `codes`.
"""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import IntegrityError, transaction

from openclaw_site.staff.codes import LAST_STEP, step_of
from tenants.gmail.crypto import TokenUnreadable
from tenants.models import User


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
    step = step_of(secret, code, after=0)
    if step is None:
        return None
    try:
        with transaction.atomic():
            return _activate(user, secret, step, "enrolled")
    except IntegrityError:  # Enrolled in another tab at the same moment.
        return None


def authenticator_replace(*, user: User, secret: str, code: str) -> list[str] | None:
    """The person has this authenticator in place of the former, proved by its `code`, and these recovery codes. The
    former ones hold no more, all their sessions have ended, and they are told by mail.

    Who asks has given a code of the former one just now: that is the caller's to see to. None, and nothing is changed,
    when the code is wrong or there is no authenticator to replace.
    """
    from tenants.members.services import access_revoke

    step = step_of(secret, code, after=0)
    if step is None:
        return None
    with transaction.atomic():
        if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()[0]:
            return None
        access_revoke(user=user)
        return _activate(user, secret, step, "replaced")


def recovery_codes_renew(*, user: User) -> list[str]:
    """Ten new recovery codes; the former hold no more."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
        codes: list[str] = RecoveryCodes.activate(user).generate_codes()
    return codes


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


def _activate(user: User, secret: str, step: int, event: str) -> list[str]:
    from tenants.members.tasks import authenticator_mail_send

    row = TOTP.activate(user, secret).instance
    row.data[LAST_STEP] = step
    row.save(update_fields=["data"])
    transaction.on_commit(lambda: authenticator_mail_send.delay(user.pk, event), robust=True)
    return recovery_codes_renew(user=user)
