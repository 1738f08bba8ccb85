"""What every page of a customer's host shares: the frame, the lists' parameters, and what is kept for owners."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpResponse
from django.shortcuts import render

from tenants.members.errors import OwnersOnly
from tenants.members.requests import MemberRequest
from tenants.members.selectors import owners_of
from tenants.models import MembershipRole

View = TypeVar("View", bound=Callable[..., HttpResponse])


def show(
    request: MemberRequest, section: str, values: dict[str, Any], *, template: str = "", status: int = 200
) -> HttpResponse:
    """The page of this section, within the customer's frame; its template has the section's name by default."""
    values |= {
        "section": section,
        "customer": request.membership.tenant,
        "member": request.membership.user,
        "is_owner": is_owner(request),
    }
    return render(request, template or f"portal/{section}.html", values, status=status)


def is_owner(request: MemberRequest) -> bool:
    """Whether the member may change what is the account's, as of the beginning of the request."""
    return request.membership.role == MembershipRole.OWNER


def for_owners(section: str, what: str) -> Callable[[View], View]:
    """The view is for owners; others are told by a page that they may not, and whom to ask to `what`."""

    def guarded(view: View) -> View:
        @wraps(view)
        def checked(request: MemberRequest, *arguments: Any, **values: Any) -> HttpResponse:
            if is_owner(request):
                try:
                    return view(request, *arguments, **values)
                except OwnersOnly:
                    pass  # It was taken from them a moment ago.
            told = {"what": what, "owners": owners_of(customer=request.membership.tenant)}
            return show(request, section, told, template="portal/owners_only.html", status=403)

        return checked  # type: ignore[return-value]

    return guarded


def choice(request: MemberRequest, *allowed: str) -> str:
    """The list that `?show=` asks for, the first of those allowed by default."""
    wanted = request.GET.get("show", "")
    return wanted if wanted in allowed else allowed[0]


def page_number(request: MemberRequest) -> str:
    """The page that `?page=` asks for; the paginator copes with nonsense."""
    return request.GET.get("page", "1")
