"""When the agents work: every member reads it; owners say in which time zone the office is."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from agents.models import Agent
from agents.workspace.forms import HoursForm
from agents.workspace.views.page import for_owners, show
from agents.workspace.words import schedule
from tenants.members.middleware import workspace_not_required
from tenants.members.requests import MemberRequest
from tenants.members.services import account_time_zone_set


@workspace_not_required
@require_safe
def hours(request: MemberRequest) -> HttpResponse:
    """How often and in which hours each agent looks."""
    return _page(request, HoursForm(initial={"time_zone": request.membership.tenant.time_zone}))


@workspace_not_required
@require_POST
@for_owners("hours", "change the time zone")
def time_zone(request: MemberRequest) -> HttpResponse:
    """The time zone is saved."""
    form = HoursForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    account_time_zone_set(actor=request.membership, time_zone=form.cleaned_data["time_zone"])
    messages.success(request, "Saved. The agents follow within a minute.")
    return redirect("hours")


def _page(request: MemberRequest, form: HoursForm, status: int = 200) -> HttpResponse:
    agents = Agent.objects.filter(tenant=request.membership.tenant).order_by("role")
    values: dict[str, Any] = {"agents": [(agent.get_role_display(), schedule(agent)) for agent in agents], "form": form}
    return show(request, "hours", values, status=status)
