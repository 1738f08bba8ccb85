"""Who may be signed in by a sign-up or by a Google account, and the way on to Gmail's consent."""

from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from tenants.gmail.services import connect_url
from tenants.isolation.context import enter_platform
from tenants.models import Customer, Signup, SignupState, User
from tenants.signup.errors import GoogleRefused

# Long enough to come back from the mailbox; a browser that kept the session longer signs in as everybody does.
_ENTER_WITHIN: Final = timedelta(hours=1)


def signup_enter(*, signup: Signup) -> User | None:
    """The person whom this sign-up's browser may be signed in as: once, within an hour, never staff. None otherwise."""
    if signup.user_id is None:
        return None
    made = Signup.objects.filter(id=signup.id, state=SignupState.MADE, signed_in_at=None)
    if not made.filter(made_at__gt=timezone.now() - _ENTER_WITHIN).update(signed_in_at=Now()):
        return None
    return User.objects.filter(pk=signup.user_id or 0, is_active=True, is_staff=False).first()


def google_enter(*, subject: str, email: str, is_verified: bool) -> User | None:
    """The person whom this Google account signs in, and no other Google account from now on; None: nobody yet.

    The first time a person is found by the address that Google has verified. Raises GoogleRefused: unverified,
    other_account (the person is bound to another one) and closed (staff, or deactivated).
    """
    if not (subject and email and is_verified):
        raise GoogleRefused("unverified")
    user = User.objects.filter(google_subject=subject).first()
    user = user or User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        return None
    if user.is_staff or user.is_superuser or not user.is_active:
        raise GoogleRefused("closed")
    if user.google_subject is None:
        try:
            with transaction.atomic():
                User.objects.filter(pk=user.pk, google_subject=None).update(google_subject=subject)
        except IntegrityError:
            raise GoogleRefused("other_account") from None
        user.refresh_from_db(fields=["google_subject"])
    if user.google_subject != subject:
        raise GoogleRefused("other_account")
    return user


def signup_gmail_url(*, signup: Signup, user: User) -> str | None:
    """Where this owner gives Gmail's consent for the customer that the sign-up made, once. None if there is none.

    The public host's role can't make the link, so it enters the platform's context itself. Raises ValidationError
    when the customer is leaving.
    """
    if signup.customer_id is None or signup.user_id != user.pk:
        return None
    with enter_platform():
        customer = Customer.objects.filter(id=signup.customer_id, memberships__user_id=user.pk).first()
        return connect_url(customer=customer, actor=user) if customer else None
