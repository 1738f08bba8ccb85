"""The step from the public host to a customer's host: a signed token for one browser, once, within 30 seconds.

The customer's host gives the browser a cookie before it sends it to sign in, and the token holds only together with
it. So a token that leaks opens nothing elsewhere, and nobody can be signed in by a link that another person made.
"""

import hashlib
import uuid
from datetime import timedelta
from typing import Final

from django.core import signing
from django.db.models.functions import Now
from django.utils import timezone

from tenants.isolation.context import enter_customer
from tenants.members.addresses import safe_path
from tenants.members.errors import HandOverRefused, NotAMember
from tenants.members.selectors import membership_of
from tenants.members.support import support_access_of
from tenants.models import HandOver, SupportAccess, User

HANDOVER_SECONDS: Final = 30
_SALT = "tenants.members.handover"


def browser_hash(cookie: str) -> str:
    """What may be shown of a browser's cookie."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def handover_issue(*, user: User, customer_id: uuid.UUID, browser: str, path: str, for_support: bool = False) -> str:
    """A token that lets `user` enter the customer's host, in the browser with this hash, and go on to `path`.

    Earlier ones of the same person for this customer no longer hold once they are expired. `for_support` is what the
    back office alone asks for, after its own sign-in: it needs an open support access in place of a membership. Enters
    the customer's context itself. Raises NotAMember.
    """
    with enter_customer(customer_id):
        way_in = support_access_of if for_support else membership_of
        if way_in(user_id=user.pk, customer_id=customer_id) is None:
            raise NotAMember
        mine = HandOver.objects.filter(tenant_id=customer_id, user_id=user.pk)
        mine.filter(expires_at__lte=Now()).delete()
        handover = HandOver.objects.create(
            tenant_id=customer_id,
            user_id=user.pk,
            browser=browser[:64],
            expires_at=timezone.now() + timedelta(seconds=HANDOVER_SECONDS),
        )
    claims = {"handover": handover.id.hex, "customer": customer_id.hex, "path": safe_path(path)}
    if for_support:
        claims["support"] = "yes"
    return signing.dumps(claims, salt=_SALT)


def handover_take(*, token: str, customer_id: uuid.UUID, cookie: str) -> tuple[User, str, SupportAccess | None]:
    """Who enters, where they go on to, and the support access by which staff enter. Of all who try, one gets here.

    Needs the context of the customer whose host was reached. Raises HandOverRefused, and NotAMember when the
    membership, the support access or the person ended meanwhile.
    """
    try:
        claims = signing.loads(token, salt=_SALT, max_age=HANDOVER_SECONDS)
    except signing.BadSignature:
        raise HandOverRefused from None
    # The hash of no cookie is known to everybody, so a browser without one has no mark.
    if claims["customer"] != customer_id.hex or not cookie:
        raise HandOverRefused
    ours = HandOver.objects.filter(id=uuid.UUID(claims["handover"]), browser=browser_hash(cookie))
    handover = ours.filter(expires_at__gt=Now()).first()
    if handover is None or not ours.delete()[0]:
        raise HandOverRefused
    if "support" in claims:
        access = support_access_of(user_id=handover.user_id, customer_id=customer_id)
        if access is None or access.staff is None:
            raise NotAMember
        return access.staff, str(claims["path"]), access
    membership = membership_of(user_id=handover.user_id, customer_id=customer_id)
    if membership is None or not membership.user.is_active:
        raise NotAMember
    return membership.user, str(claims["path"]), None
