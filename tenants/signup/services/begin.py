"""What a stranger may do to a sign-up. Runs as the public host's role, which may write a few of its columns."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from tenants.models import Signup, SignupState
from tenants.signup import queue
from tenants.signup.errors import LinkRefused


@dataclass(frozen=True, slots=True)
class Person:
    """Who signs up: with a password, or as a Google account whose address Google has verified."""

    name: str
    email: str
    password: str = ""
    google_subject: str = ""


def signup_begin(*, form_id: uuid.UUID, company: str, subdomain: str, plan: str, person: Person) -> Signup:
    """The sign-up stands and a mail with its link is on its way; whom Google has verified needs no mail.

    Safe to repeat with the same `form_id`: the same form sent twice is one sign-up. What was typed is not looked up
    anywhere, so an address that has an account takes the same way here; the mail tells its owner.
    """
    is_verified = bool(person.google_subject)
    signup = Signup(
        id=form_id,
        company=company.strip(),
        subdomain=subdomain,
        person=person.name.strip(),
        email=person.email.strip().lower(),
        # Hashed now, also where it is never used: neither the rows nor the time taken tell who has an account.
        password="" if is_verified else make_password(person.password),
        google_subject=person.google_subject,
        plan=plan,
        state=SignupState.CONFIRMED if is_verified else SignupState.WAITING,
        confirmed_at=timezone.now() if is_verified else None,
        expires_at=timezone.now() + timedelta(hours=settings.SIGNUP_LINK_HOURS),
    )
    before = Signup.objects.filter(id=form_id).first()
    if before is not None:
        if _is_same(before, signup):
            return before
        signup.id = uuid.uuid4()  # The form was corrected and sent once more.
    try:
        with transaction.atomic():
            signup.save(force_insert=True)
    except IntegrityError:
        return Signup.objects.get(id=form_id)
    queue.make(signup) if is_verified else queue.mail(signup)
    return signup


def signup_again(*, signup: Signup) -> None:
    """The mail goes out once more; the former one's link holds too, until one was used. Raises LinkRefused: expired."""
    if signup.state != SignupState.WAITING:
        return
    if signup.expires_at <= timezone.now():
        raise LinkRefused("expired", signup.id)
    queue.mail(signup)


def signup_confirm(*, signup: Signup) -> None:
    """The address is confirmed and the customer on its way. Of all who try, one gets here without LinkRefused."""
    waiting = Signup.objects.filter(id=signup.id, state=SignupState.WAITING, expires_at__gt=Now())
    if not waiting.update(state=SignupState.CONFIRMED, confirmed_at=Now()):
        raise LinkRefused("used", signup.id)
    queue.make(signup)


def signup_choose(*, signup: Signup, subdomain: str, plan: str) -> None:
    """Another subdomain or plan is chosen where the first could not be had; it is tried anew. Safe to repeat."""
    choosing = Signup.objects.filter(id=signup.id, state=SignupState.CHOOSING)
    if choosing.update(state=SignupState.CONFIRMED, subdomain=subdomain, plan=plan, problem=""):
        queue.make(signup)


def _is_same(one: Signup, two: Signup) -> bool:
    names = ("company", "subdomain", "person", "email", "plan", "google_subject")
    return all(getattr(one, name) == getattr(two, name) for name in names)
