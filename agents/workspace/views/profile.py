"""The customer's words to its agents."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from agents.models import AgentRole
from agents.runtime.engine.workspace import render_workspace
from agents.runtime.profile import Profile as AgentsProfile
from agents.workspace import selectors, services
from agents.workspace.errors import ProfileChanged
from agents.workspace.forms import ProfileForm
from agents.workspace.models import Profile
from agents.workspace.views.page import show
from tenants.members.requests import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: MemberRequest) -> HttpResponse:
    """Tone and facts; POST shows them as the agents read them, or saves them if they are still those that were seen."""
    customer_id = request.membership.tenant.id
    found = selectors.profile_of(customer_id=customer_id)
    if request.method != "POST":
        form = ProfileForm(initial={"tone": found.tone, "facts": found.facts} if found else None)
        return show(request, "profile", {"form": form, "profile": found, "seen": _seen(found)})
    form = ProfileForm(request.POST)
    if not form.is_valid():
        refused = {"form": form, "profile": found, "seen": request.POST.get("seen", "")}
        return show(request, "profile", refused, status=422)
    typed = form.cleaned_data
    if request.POST.get("action") == "preview":
        shown = {"form": form, "profile": found, "seen": request.POST.get("seen", ""), "preview": _preview(typed)}
        return show(request, "profile", shown)
    try:
        services.profile_save(customer_id=customer_id, seen=typed["seen"], tone=typed["tone"], facts=typed["facts"])
    except ProfileChanged as error:
        values: dict[str, Any] = {"form": form, "profile": error.profile, "seen": _seen(error.profile), "changed": True}
        return show(request, "profile", values, status=409)
    messages.success(request, "Saved. The agents go by it from their next run on.")
    return redirect("profile")


def _preview(typed: dict[str, Any]) -> str:
    """What Writer is given of the texts, by the same code that gives it."""
    words = AgentsProfile(tone=typed["tone"], facts=typed["facts"])
    return render_workspace(role=AgentRole.WRITER, profile=words)["IDENTITY.md"]


def _seen(found: Profile | None) -> str:
    return found.updated_at.isoformat() if found is not None else ""
