"""A confirmed sign-up becomes a person, a customer and the person's ownership, all at once or none of it."""

import logging
import uuid
from collections.abc import Sequence

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from tenants.models import Customer, Membership, MembershipRole, Signup, SignupState, User
from tenants.plans import region_choices
from tenants.services import customer_onboard

logger = logging.getLogger(__name__)

_NO_PLAN = "The plan that you chose is not sold any more. Choose another."
_NO_SUBDOMAIN = "Another company took this address while you signed up. Choose another."
_NOTHING = "We could not set up your company with what you typed. Choose another address."


class _AlreadyKnown(Exception):
    """The address, or the Google account, is somebody's already."""


def signup_make(*, signup_id: uuid.UUID) -> None:
    """The confirmed sign-up's customer exists with its owner and is being provisioned. Safe to repeat, and at once.

    Where the subdomain or the plan is gone by now, the sign-up waits for another choice. Where the address has an
    account by now nothing is made: its owner signs in. Needs the platform's context.
    """
    with transaction.atomic():
        confirmed = Signup.objects.select_for_update().filter(id=signup_id, state=SignupState.CONFIRMED)
        signup = confirmed.first()
        if signup is None:
            return
        try:
            with transaction.atomic():
                signup.user, signup.customer = _make(signup)
            signup.state, signup.made_at, signup.problem = SignupState.MADE, Now(), ""
        except _AlreadyKnown:
            signup.state = SignupState.KNOWN
        except ValidationError as error:
            signup.state, signup.problem = SignupState.CHOOSING, _problem(list(error.error_dict))
        if signup.state != SignupState.CHOOSING:
            signup.password = ""
        signup.save()
    logger.info("sign-up %s is %s", signup_id, signup.state)


def _make(signup: Signup) -> tuple[User, Customer]:
    user = _person(signup)
    customer = customer_onboard(
        name=signup.company,
        email=signup.email,
        slug=signup.subdomain,
        plan=signup.plan,
        region=region_choices()[0][0],
        requested_by=user,
    )
    Membership.objects.create(tenant=customer, user=user, role=MembershipRole.OWNER)
    return user, customer


def _person(signup: Signup) -> User:
    if User.objects.filter(email=signup.email).exists():
        raise _AlreadyKnown
    user = User(
        email=signup.email,
        first_name=signup.person,
        password=signup.password or make_password(None),
        google_subject=signup.google_subject or None,
    )
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:  # Somebody with the same address, or Google account, was made at this moment.
        raise _AlreadyKnown from None
    return user


def _problem(fields: Sequence[str]) -> str:
    words = [text for name, text in (("slug", _NO_SUBDOMAIN), ("plan", _NO_PLAN)) if name in fields]
    return " ".join(words) or _NOTHING
