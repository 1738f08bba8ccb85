"""A new customer: the check of what was asked, its rows, and the run of the machine that makes the rest."""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tenants.isolation.context import schema_of
from tenants.models import Customer, Domain, GmailConnection, ProvisioningKind, User
from tenants.onboarding.services import provisioning_open
from tenants.plans import plan_choices, region_choices


def customer_onboard(
    *,
    name: str,
    email: str,
    slug: str,
    plan: str,
    region: str,
    time_zone: str = "",
    requested_by: User | None = None,
    customer_id: uuid.UUID | None = None,
) -> Customer:
    """The customer exists with its host, an unconnected Gmail and a queued onboarding, which goes on by itself.

    `customer_id` makes it safe to repeat: chosen before a form is shown, it lets the second submit return the
    customer of the first. Without a time zone it has CUSTOMER_TIME_ZONE. Needs the platform's context. Raises
    ValidationError with an `error_dict` by field.
    """
    customer = Customer(
        id=customer_id or uuid.uuid4(),
        name=name.strip(),
        email=email.strip().lower(),
        slug=slug.strip().lower(),
        plan=plan,
        region=region,
        time_zone=time_zone or settings.CUSTOMER_TIME_ZONE,
    )
    customer.schema_name = schema_of(customer.id)
    if customer_id and (existing := _existing(customer_id)):
        return existing
    try:
        _validate(customer)
        with transaction.atomic():
            customer.save(force_insert=True)  # type: ignore[no-untyped-call]  # django-tenants
            Domain.objects.create(domain=customer.host, tenant=customer)
            GmailConnection.objects.create(tenant=customer)
            provisioning_open(customer=customer, kind=ProvisioningKind.ONBOARD, requested_by=requested_by)
    except (ValidationError, IntegrityError) as error:
        # Somebody was faster since we looked: the same submit, or another one with our subdomain.
        if existing := _existing(customer.id):
            return existing
        if isinstance(error, IntegrityError):
            raise _subdomain_taken() from error
        raise
    return customer


def _existing(customer_id: uuid.UUID) -> Customer | None:
    return Customer.objects.filter(id=customer_id).first()


def _validate(customer: Customer) -> None:
    """Raise ValidationError for every field that is wrong, all at once."""
    errors: dict[str, Any] = {}
    try:
        customer.full_clean()
    except ValidationError as error:
        errors = error.error_dict
    plans = dict(plan_choices())
    if "plan" not in errors and customer.plan not in plans:
        errors["plan"] = _unknown("plan", customer.plan, list(plans))
    regions = dict(region_choices())
    if "region" not in errors and customer.region not in regions:
        errors["region"] = _unknown("region", customer.region, list(regions))
    if errors:
        raise ValidationError(errors)


def _unknown(what: str, value: str, known: list[str]) -> ValidationError:
    return ValidationError(
        "There is no %(what)s “%(value)s”. Choose one of: %(known)s.",
        code="unknown",
        params={"what": what, "value": value, "known": ", ".join(known)},
    )


def _subdomain_taken() -> ValidationError:
    return ValidationError({"slug": ValidationError("A customer with this subdomain already exists.", code="unique")})
