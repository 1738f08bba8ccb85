"""Reads about customers."""

import uuid

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from tenants.isolation.context import enter_platform
from tenants.models import Customer, CustomerState, Domain, Provisioning, ProvisioningStep


def customer_by_host(*, host: str) -> uuid.UUID | None:
    """The id of the customer that `host` leads to, or None. Runs as `openclaw_public`; closed ones have no host."""
    return Domain.objects.filter(domain=host).values_list("tenant_id", flat=True).first()


def customer_closed(*, host: str) -> bool:
    """Whether a customer that is closed had this host. One that is closed has no domain, so the platform is asked."""
    slug, _, domain = host.partition(".")
    if domain != settings.CUSTOMER_DOMAIN:
        return False
    with enter_platform():
        return Customer.objects.filter(slug=slug, state=CustomerState.CLOSED).exists()


def customers_open() -> QuerySet[Customer]:
    """Customers that are not closed."""
    return Customer.objects.exclude(state=CustomerState.CLOSED)


def customer_find(*, reference: str) -> Customer:
    """The customer whose id, TenantID, subdomain or exact name `reference` is. Raises Customer.DoesNotExist.

    A name that several customers share finds none of them: `Customer.MultipleObjectsReturned` is raised.
    """
    try:
        return Customer.objects.get(id=uuid.UUID(reference))
    except ValueError:
        return Customer.objects.get(Q(slug=reference.lower()) | Q(name=reference))


def provisioning_latest(*, customer: Customer) -> Provisioning | None:
    """The newest run of the machine for this customer, its steps prefetched in order."""
    return customer.provisionings.prefetch_related("steps").order_by("-created_at").first()


def provisioning_progress(*, provisioning: Provisioning) -> tuple[int, int]:
    """How many steps are done, and how many there are."""
    totals = ProvisioningStep.objects.filter(provisioning=provisioning).aggregate(
        done=Count("id", filter=Q(state="done")), total=Count("id")
    )
    return totals["done"], totals["total"]
