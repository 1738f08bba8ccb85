"""Agents: the list, and the page on which staff say what they want of one, start it and stop it."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.decorators import display

from agents.models import Agent
from agents.selectors import explain, hindrances, run_latest, runs_recent
from agents.words import cost, duration, engine, in_short, tokens
from openclaw_site.admin.acting import CHANGE_AGENT, log, staff, start_or_stop
from openclaw_site.admin.desire_form import DesireForm, wish
from openclaw_site.admin.links import agent_page, customer_link
from openclaw_site.admin.readonly import ReadOnlyAdmin
from openclaw_site.aws.errors import AwsError

RECENT_RUNS = 10


def recent(agent: Agent) -> list[dict[str, Any]]:
    """The agent's last runs with what they used, the newest first."""
    return [
        {
            "run": run,
            "outcome": explain(run).cause,
            "duration": duration(run),
            "tokens": tokens(run),
            "cost": cost(run),
            "engine": engine(run),
        }
        for run in runs_recent(agent=agent, maximum=RECENT_RUNS)
    ]


@admin.register(Agent)
class AgentAdmin(ReadOnlyAdmin):
    """What should run. Changed by services only, for which the permission to change agents is needed."""

    list_display = ("role", "customer", "desired_state", "interval_minutes", "next_run_at", "breaker_reason")
    list_filter = ("role", "desired_state", ("breaker_reason", admin.EmptyFieldListFilter))
    list_select_related = ("tenant",)
    search_fields = ("tenant__name", "tenant__slug")

    @display(description="Customer")
    def customer(self, agent: Agent) -> SafeString:
        return customer_link(agent.tenant)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The agent's page; a POST says what is wanted."""
        agent = self._agent(request, object_id, change=request.method == "POST")
        form = DesireForm(request.POST if request.method == "POST" else None, agent=agent)
        if request.method == "POST" and form.is_valid() and self._desire(request, agent, form):
            return redirect(agent_page(agent))
        run = run_latest(agent=agent)
        context = {
            **self.admin_site.each_context(request),
            "title": str(agent),
            "opts": self.opts,
            "original": agent,
            "agent": agent,
            "customer": agent.tenant,
            "form": form,
            "wish": wish(agent),
            "hindrances": hindrances(agent=agent),
            "run": run,
            "explanation": explain(run) if run else None,
            "used": in_short(run) if run else "",
            "runs": recent(agent),
            "is_open": run is not None and run.state not in run.ENDED,
            "may_change": request.user.has_perm(CHANGE_AGENT),
        }
        return TemplateResponse(request, "admin/agent/page.html", context, status=422 if form.errors else 200)

    def get_urls(self) -> list[URLPattern]:
        """Start and stop, each a POST of its own."""
        view = self.admin_site.admin_view
        urls = [
            path(f"<uuid:object_id>/{verb}/", view(self._button(verb)), name=f"agents_agent_{verb}")
            for verb in ("start", "stop")
        ]
        return urls + super().get_urls()

    def _button(self, verb: str) -> Any:
        @require_POST
        def view(request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
            agent = self._agent(request, object_id, change=True)
            start_or_stop(request, agent, verb)
            return redirect(agent_page(agent))

        return view

    def _desire(self, request: HttpRequest, agent: Agent, form: DesireForm) -> bool:
        """Whether the wish stands; a refusal stands in the form."""
        try:
            wanted = form.desire(actor=staff(request))
        except AwsError as error:
            wanted = Agent.objects.select_related("tenant").get(pk=agent.pk)
            messages.warning(request, f"What runs could not be told to stop yet: {error} {error.next_action}")
        if wanted is None:
            return False
        done = f"{wanted.get_role_display()} is now wanted {wish(wanted)}."
        log(request, wanted.tenant, done)
        log(request, wanted, done)
        messages.success(request, done)
        return True

    def _agent(self, request: HttpRequest, object_id: Any, *, change: bool = False) -> Agent:
        if not self.has_view_permission(request) or (change and not request.user.has_perm(CHANGE_AGENT)):
            raise PermissionDenied
        try:
            key = uuid.UUID(str(object_id))
        except ValueError:
            key = uuid.UUID(int=0)
        return get_object_or_404(Agent.objects.select_related("tenant"), id=key)
