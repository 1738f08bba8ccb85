"""The signed link that lets somebody connect one customer's Gmail once.

What is signed is the intent's id and the customer's; whether it may still be used stands in the intent's row.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from tenants.gmail.outcomes import ConsentRefused, Outcome
from tenants.gmail.selectors import LEAVING
from tenants.isolation.context import enter_customer
from tenants.models import Customer, GmailIntent, User

_SALT = "tenants.gmail.intent"


@dataclass(frozen=True, slots=True)
class ConnectLink:
    """An absolute address on the public host, and until when it holds."""

    url: str
    expires_at: datetime


def connect_link(*, customer: Customer, actor: User | None, valid_for: timedelta | None = None) -> ConnectLink:
    """A new link to connect this customer's Gmail once, valid for GMAIL_INTENT_MINUTES unless told otherwise.

    Runs in the platform's context or the customer's own. Earlier links stay valid. Raises ValidationError when the
    customer is leaving.
    """
    if customer.state in LEAVING:
        raise ValidationError(f"{customer.name} is {customer.get_state_display().lower()}; Gmail can't be connected.")
    expires_at = timezone.now() + (valid_for or timedelta(minutes=settings.GMAIL_INTENT_MINUTES))
    intent = GmailIntent.objects.create(tenant=customer, actor=actor, expires_at=expires_at)
    token = signing.dumps({"intent": intent.id.hex, "customer": customer.id.hex}, salt=_SALT)
    return ConnectLink(settings.PUBLIC_BASE_URL + connect_path(token), expires_at)


def connect_url(*, customer: Customer, actor: User | None) -> str:
    """The address of a new `connect_link`."""
    return connect_link(customer=customer, actor=actor).url


def connect_path(token: str) -> str:
    """The path and query of the start page for this token."""
    path = reverse("gmail_connect", urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    return f"{path}?{urlencode({'intent': token})}"


@contextmanager
def intent_entered(token: str) -> Iterator[GmailIntent]:
    """Inside, the context is that of the intent's customer; the intent, with its tenant, could be used just now.

    Raises ConsentRefused: FORGED, CLOSED, REPLAYED, EXPIRED.
    """
    intent_id, customer_id = _ids(token)
    with enter_customer(customer_id):
        intent = GmailIntent.objects.select_related("tenant").filter(id=intent_id).first()
        if intent is None:
            raise ConsentRefused(Outcome.FORGED)
        if intent.tenant.state in LEAVING:
            raise ConsentRefused(Outcome.CLOSED)
        if intent.used_at is not None:
            raise ConsentRefused(Outcome.REPLAYED)
        if intent.expires_at <= timezone.now():
            raise ConsentRefused(Outcome.EXPIRED)
        yield intent


def intent_choose(intent: GmailIntent, *, with_drafts: bool) -> None:
    """The intent says whether the person wants approved drafts to be put into Gmail, until they choose otherwise."""
    GmailIntent.objects.filter(id=intent.id, used_at__isnull=True).update(with_drafts=with_drafts)


def intent_consume(intent: GmailIntent) -> None:
    """The intent is used, by us: of all who try, one gets here without ConsentRefused(REPLAYED)."""
    if not GmailIntent.objects.filter(id=intent.id, used_at__isnull=True).update(used_at=Now()):
        raise ConsentRefused(Outcome.REPLAYED)


def _ids(token: str) -> tuple[uuid.UUID, uuid.UUID]:
    try:
        claims = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        raise ConsentRefused(Outcome.FORGED) from None
    return uuid.UUID(claims["intent"]), uuid.UUID(claims["customer"])
