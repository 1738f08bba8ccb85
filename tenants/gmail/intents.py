"""The permission to connect one customer's Gmail: signed, single-use, expiring."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from tenants.gmail.errors import ConsentRefused
from tenants.isolation.context import enter_customer
from tenants.models import Customer, CustomerState, GmailIntent, User

_SALT = "tenants.gmail.intent"
_LEAVING = (CustomerState.OFFBOARDING, CustomerState.CLOSED)


@dataclass(frozen=True, slots=True)
class ConnectLink:
    """Where to send the person who owns the mailbox, and until when it works."""

    url: str
    expires_at: object


@dataclass(frozen=True, slots=True)
class Intent:
    """A valid intent with its customer, loaded in that customer's context."""

    id: uuid.UUID
    customer: Customer
    actor_id: int | None


def connect_link(*, customer: Customer, actor: User | None) -> ConnectLink:
    """A new link to connect this customer's Gmail. Platform context. Each call makes another one."""
    expires_at = timezone.now() + timedelta(minutes=settings.GMAIL_INTENT_MINUTES)
    intent = GmailIntent.objects.create(tenant=customer, actor=actor, expires_at=expires_at)
    token = signing.dumps({"intent": intent.id.hex, "customer": customer.id.hex}, salt=_SALT)
    path = reverse("gmail_connect", urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    return ConnectLink(f"{settings.PUBLIC_BASE_URL}{path}?{urlencode({'intent': token})}", expires_at)


def intent_open(*, token: str) -> Intent:
    """The intent that `token` names, still usable. Enters the customer's context by itself. Raises ConsentRefused."""
    try:
        names = signing.loads(token, salt=_SALT)
        intent_id, customer_id = uuid.UUID(names["intent"]), uuid.UUID(names["customer"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise ConsentRefused("forged") from None
    with enter_customer(customer_id):
        found = GmailIntent.objects.select_related("tenant").filter(id=intent_id).first()
        if found is None:
            raise ConsentRefused("forged")
        if found.used_at is not None:
            raise ConsentRefused("used")
        if found.expires_at <= timezone.now():
            raise ConsentRefused("expired")
        if found.tenant.state in _LEAVING:
            raise ConsentRefused("closed")
        return Intent(found.id, found.tenant, found.actor_id)


def intent_consume(*, intent: Intent) -> None:
    """Use it up. One of two simultaneous callers wins, the other gets ConsentRefused. Customer's context."""
    used = GmailIntent.objects.filter(id=intent.id, used_at__isnull=True).update(used_at=Now())
    if not used:
        raise ConsentRefused("used")
