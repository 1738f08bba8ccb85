"""Writes about customers: onboard, pause, resume, close. All run in the platform's context."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now

from tenants.isolation.context import schema_of
from tenants.models import (
    Customer,
    CustomerState,
    Domain,
    GmailConnection,
    Provisioning,
    ProvisioningKind,
    User,
)
from tenants.onboarding.services import provisioning_open, provisioning_supersede
from tenants.plans import plan_choices, region_choices


def customer_onboard(
    *,
    name: str,
    email: str,
    slug: str,
    plan: str,
    region: str,
    requested_by: User | None = None,
    customer_id: uuid.UUID | None = None,
) -> Customer:
    """A customer with its host and a queued onboarding run, which a worker begins once this is committed.

    Safe to repeat with the same `customer_id`: the second call returns the customer that the first made. Raises
    ValidationError by field (unknown plan or region, reserved or taken subdomain, unusable name or address).
    """
    customer_id = customer_id or uuid.uuid4()
    if existing := Customer.objects.filter(id=customer_id).first():
        return existing
    customer = Customer(
        id=customer_id,
        schema_name=schema_of(customer_id),
        name=name.strip(),
        email=email.strip().lower(),
        slug=slug.strip().lower(),
        plan=plan,
        region=region,
    )
    _validate(customer)
    with transaction.atomic():
        # Two submits at once: the second waits for the first's row and then finds it.
        _, is_new = Customer.objects.get_or_create(id=customer_id, defaults=_values(customer))
        if is_new:
            Domain.objects.create(domain=customer.host, tenant_id=customer_id, is_primary=True)
            GmailConnection.objects.create(tenant_id=customer_id)
            provisioning_open(customer=customer, kind=ProvisioningKind.ONBOARD, requested_by=requested_by)
    return Customer.objects.get(id=customer_id)


def customer_state_set(*, customer_id: uuid.UUID, state: CustomerState, reason: str = "") -> bool:
    """Put the customer into `state` unless it is paused, leaving or gone; True when it changed. Safe to repeat.

    A pause, offboarding and closing are set by their own functions and are not undone here.
    """
    changed = (
        Customer.objects.filter(id=customer_id, paused_at__isnull=True)
        .exclude(state__in=[CustomerState.OFFBOARDING, CustomerState.CLOSED])
        .exclude(state=state, state_reason=reason)
        .update(state=state, state_reason=reason)
    )
    return bool(changed)


def customer_pause(*, customer: Customer, actor: User | None, reason: str = "") -> None:
    """No new agent is started for this customer until it is resumed. Safe to repeat. Running ones are not touched.

    Raises ValidationError when the customer is leaving or gone.
    """
    _refuse_when_leaving(customer)
    text = reason or (f"Paused by {actor.email}." if actor else "Paused.")
    Customer.objects.filter(id=customer.id, paused_at__isnull=True).update(
        paused_at=Now(), state=CustomerState.PAUSED, state_reason=text
    )
    customer.refresh_from_db()


def customer_resume(*, customer: Customer, actor: User | None) -> None:
    """Agents may start again; the customer is again what its last onboarding run says. Safe to repeat."""
    _refuse_when_leaving(customer)
    if customer.paused_at is None:
        return
    latest = customer.provisionings.order_by("-created_at").first()
    if latest is None or latest.state == "done":
        state = CustomerState.ACTIVE
    elif latest.state == "waiting" and latest.next_attempt_at is None:
        state = CustomerState.AWAITING_GMAIL
    else:
        state = CustomerState.PROVISIONING
    Customer.objects.filter(id=customer.id, paused_at__isnull=False).update(
        paused_at=None, state=state, state_reason=""
    )
    customer.refresh_from_db()


def customer_close(*, customer: Customer, actor: User | None) -> Provisioning:
    """Begin to take the customer away: an open run is fenced off, an offboarding run is queued. Safe to repeat.

    Returns the offboarding run (for a closed customer, the one that closed it).
    """
    with transaction.atomic():
        locked = Customer.objects.select_for_update().get(id=customer.id)
        latest = locked.provisionings.filter(kind=ProvisioningKind.OFFBOARD).order_by("-created_at").first()
        if latest is not None:
            return latest
        provisioning_supersede(customer=locked)
        Customer.objects.filter(id=locked.id).update(state=CustomerState.OFFBOARDING, state_reason="", paused_at=None)
        run = provisioning_open(customer=locked, kind=ProvisioningKind.OFFBOARD, requested_by=actor)
    customer.refresh_from_db()
    return run


def _validate(customer: Customer) -> None:
    errors: dict[str, list[str]] = {}
    try:
        customer.full_clean(exclude=["state"])
    except ValidationError as error:
        errors = error.message_dict
    if customer.plan and customer.plan not in dict(plan_choices()):
        known = ", ".join(code for code, _ in plan_choices())
        errors.setdefault("plan", []).append(f"There is no plan “{customer.plan}”. Known plans: {known}.")
    if customer.region and customer.region not in dict(region_choices()):
        known = ", ".join(code for code, _ in region_choices())
        errors.setdefault("region", []).append(f"Region “{customer.region}” is not offered. Offered: {known}.")
    if errors:
        raise ValidationError(errors)


def _values(customer: Customer) -> dict[str, Any]:
    return {field: getattr(customer, field) for field in ("schema_name", "name", "email", "slug", "plan", "region")}


def _refuse_when_leaving(customer: Customer) -> None:
    customer.refresh_from_db()
    if customer.state in (CustomerState.OFFBOARDING, CustomerState.CLOSED):
        raise ValidationError(
            f"{customer.name} is {customer.get_state_display().lower()}; it can't be changed any more."
        )
