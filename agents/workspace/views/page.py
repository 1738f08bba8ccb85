"""What every page of a customer's host shares."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tenants.members.requests import MemberRequest


def show(
    request: MemberRequest, section: str, values: dict[str, Any], *, template: str = "", status: int = 200
) -> HttpResponse:
    """The page of this section, within the customer's frame; its template has the section's name by default."""
    values |= {"section": section, "customer": request.membership.tenant, "member": request.membership.user}
    return render(request, template or f"portal/{section}.html", values, status=status)


def choice(request: MemberRequest, *allowed: str) -> str:
    """The list that `?show=` asks for, the first of those allowed by default."""
    wanted = request.GET.get("show", "")
    return wanted if wanted in allowed else allowed[0]


def page_number(request: MemberRequest) -> str:
    """The page that `?page=` asks for; the paginator copes with nonsense."""
    return request.GET.get("page", "1")
