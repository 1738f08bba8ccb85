"""Reads about members."""

import uuid
from dataclasses import dataclass

from django.db.models import QuerySet

from tenants.isolation.context import enter_platform
from tenants.models import (
    Customer,
    CustomerState,
    Domain,
    Invitation,
    Membership,
    MembershipRole,
    ProvisioningKind,
    ProvisioningStep,
    StepState,
    User,
)

# The schema exists: made before the first of these states is reached, dropped only while offboarding.
_FURNISHED = (CustomerState.AWAITING_GMAIL, CustomerState.ACTIVE, CustomerState.DEGRADED)


@dataclass(frozen=True, slots=True)
class Belonging:
    """A customer that somebody belongs to, and its host."""

    name: str
    host: str


def membership_of(*, user_id: int, customer_id: uuid.UUID) -> Membership | None:
    """The person's membership with its customer, or None. Needs the customer's context.

    None for staff too: a member who became staff keeps the row, and has no way in while it lasts.
    """
    rows = Membership.objects.select_related("tenant", "user").filter(user__is_staff=False)
    return rows.filter(user_id=user_id, tenant_id=customer_id).first()


def belongings_of(*, user_id: int) -> list[Belonging]:
    """The customers that this person belongs to and that still have a host, by name. None for staff.

    The one question of the sign-in that looks across customers, so it enters the platform's context itself; ask it
    only for the person who is signed in.
    """
    with enter_platform():
        rows = Domain.objects.filter(
            tenant__memberships__user_id=user_id, tenant__memberships__user__is_staff=False
        ).order_by("tenant__name", "domain")
        return [Belonging(name, host) for name, host in rows.values_list("tenant__name", "domain")]


def members_of(*, customer: Customer) -> QuerySet[Membership]:
    """The customer's members with their people, by address."""
    return Membership.objects.filter(tenant=customer).select_related("user").order_by("user__email")


def owners_of(*, customer: Customer) -> list[User]:
    """The people who look after the account, by address."""
    rows = Membership.objects.filter(tenant=customer, role=MembershipRole.OWNER).select_related("user")
    return [membership.user for membership in rows.order_by("user__email")]


def ownerless_without(*, memberships: QuerySet[Membership]) -> list[Customer]:
    """Customers that would have no owner who can sign in without these memberships, and have one now. By name."""
    usable = Membership.objects.filter(role=MembershipRole.OWNER, user__is_active=True, user__is_staff=False)
    touched = Customer.objects.filter(memberships__in=memberships.filter(role=MembershipRole.OWNER))
    others = usable.exclude(pk__in=memberships.values("pk")).values("tenant")
    return list(touched.exclude(state=CustomerState.CLOSED).exclude(pk__in=others).order_by("name").distinct())


def invitations_open(*, customer: Customer) -> QuerySet[Invitation]:
    """Invitations that were neither accepted nor withdrawn, the newest first."""
    return Invitation.objects.filter(tenant=customer, accepted_at=None).order_by("-sent_at", "id")


def workspace_exists(*, customer: Customer) -> bool:
    """Whether the customer's tables are there to be read. Needs the customer's context."""
    if customer.state in _FURNISHED:
        return True
    if customer.state in (CustomerState.OFFBOARDING, CustomerState.CLOSED):
        return False
    return ProvisioningStep.objects.filter(
        tenant=customer, provisioning__kind=ProvisioningKind.ONBOARD, name="schema", state=StepState.DONE
    ).exists()
