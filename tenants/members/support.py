"""Who reads in a support access. It is no membership: it can't be saved, and nothing is changed with it."""

import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from tenants.models import Customer, SupportAccess, User

SUPPORT_ROLE: Final = "support"
_KEY: Final = "support_access"


@dataclass(frozen=True, slots=True)
class SupportReader:
    """Stands where a Membership stands on a customer's host, with what its pages ask of one."""

    access: SupportAccess
    role: str = SUPPORT_ROLE
    id: None = None

    @property
    def tenant(self) -> Customer:
        """The customer whose pages are read."""
        return self.access.tenant

    @property
    def user(self) -> User:
        """The member of staff."""
        staff = self.access.staff
        if staff is None:
            raise AssertionError("an access is found by its person")
        return staff


def support_access_of(*, user_id: int, customer_id: uuid.UUID) -> SupportAccess | None:
    """The person's open access to this customer, or None. Needs the customer's context or the platform's."""
    rows = SupportAccess.objects.filter(staff_id=user_id, staff__is_staff=True, staff__is_active=True)
    running = rows.filter(tenant_id=customer_id, ended_at=None, expires_at__gt=Now())
    return running.select_related("tenant", "staff").first()


def support_accesses(*, customer: Customer) -> QuerySet[SupportAccess]:
    """All accesses to this customer with what was read in them, the newest first."""
    return SupportAccess.objects.filter(tenant=customer).select_related("ended_by").prefetch_related("visits")


def support_accesses_open(*, customer: Customer) -> QuerySet[SupportAccess]:
    """Those that run now."""
    return SupportAccess.objects.filter(tenant=customer, ended_at=None, expires_at__gt=Now())


def session_mark(request: HttpRequest, access: SupportAccess) -> None:
    """This session is for this access and ends with it: another access needs another hand-over."""
    request.session[_KEY] = str(access.id)


def reader_of(request: HttpRequest, *, customer_id: uuid.UUID) -> SupportReader | None:
    """Who reads, if the session was made for an access that is open. Needs the customer's context."""
    marked, user = request.session.get(_KEY), request.user
    if not marked or not user.is_authenticated:
        return None
    access = support_access_of(user_id=user.pk, customer_id=customer_id)
    return SupportReader(access) if access is not None and str(access.id) == marked else None


def banner(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `support_reader` and `support_running`, asked for by the frame of a customer's pages."""
    who = getattr(request, "membership", None)
    if who is None:
        return {}
    if isinstance(who, SupportReader):
        return {"support_reader": who, "support_running": []}
    return {"support_running": lambda: list(support_accesses_open(customer=who.tenant))}
