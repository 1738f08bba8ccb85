"""Pause everything, and resume."""

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from agents.models import Fleet
from agents.services import fleet_pause, fleet_resume
from tenants.models import User


@require_POST
@staff_member_required
def switch(request: HttpRequest, verb: str) -> HttpResponse:
    """POST with `reason`: stop every agent of every customer, or let them start again."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("agents.change_fleet"):
        raise PermissionDenied
    reason = request.POST.get("reason", "").strip()
    if verb == "pause" and not reason:
        messages.error(request, "Nothing was paused: say why, so that others know when to resume.")
        return redirect("admin:index")
    if verb == "pause":
        fleet_pause(actor=user, reason=reason)
        done = f"Everything was paused: {reason}"
    else:
        fleet_resume(actor=user)
        done = "The fleet was resumed."
    LogEntry.objects.log_actions(user.pk, [Fleet.objects.get()], CHANGE, done, single_object=True)
    messages.success(request, done)
    return redirect("admin:index")


urlpatterns: list[URLPattern] = [path("fleet/<str:verb>/", switch, name="fleet_switch")]
