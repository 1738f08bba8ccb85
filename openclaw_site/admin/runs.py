"""Runs of agents, with their last log lines, and runs of the onboarding machine."""

import logging
import uuid
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.utils import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from unfold.decorators import display

from agents import words
from agents.models import AgentRun
from agents.selectors import explain, log_tail, log_url
from agents.services import run_measure, run_refresh
from openclaw_site.admin.links import customer_link, log_page
from openclaw_site.admin.readonly import ReadOnlyAdmin
from openclaw_site.aws.errors import AwsError, Unreachable
from openclaw_site.aws.logs import console_url
from tenants.models import Provisioning

logger = logging.getLogger(__name__)

RUN_COLOURS = {"succeeded": "success", "failed": "danger", "running": "info", "starting": "info", "requested": "info"}
LOG_LINES = 200
OUTCOME_CHARACTERS = 60


@admin.register(AgentRun)
class AgentRunAdmin(ReadOnlyAdmin):
    """What ran, and why it ended."""

    list_display = ("requested_at", "customer", "role", "state_label", "outcome", "took", "cost", "used")
    list_filter = ("state", "agent__role", "trigger", "capacity_provider")
    list_select_related = ("tenant", "agent")
    search_fields = ("task_arn", "tenant__name", "tenant__slug")
    date_hierarchy = "requested_at"
    readonly_fields = ("customer", "cause", "next_action", "logs", "duration", "tokens", "cost", "engine", "refusals")
    fieldsets = (
        (None, {"fields": ("customer", "agent", "trigger", "requested_by", "state", "cause", "next_action", "logs")}),
        ("What it used", {"fields": ("duration", "tokens", "cost", "engine", "refusals", "measured_at")}),
        ("Times", {"fields": ("requested_at", "started_at", "stopped_at", "reported_at")}),
        (
            "The task",
            {
                "fields": (
                    "task_arn",
                    "task_definition_arn",
                    "capacity_provider",
                    "cpu",
                    "memory_mib",
                    "attempt",
                    "exit_code",
                    "stop_code",
                    "stopped_reason",
                )
            },
        ),
    )

    @display(description="Customer")
    def customer(self, run: AgentRun) -> SafeString:
        return customer_link(run.tenant)

    @display(description="Role", ordering="agent__role")
    def role(self, run: AgentRun) -> str:
        return run.agent.get_role_display()

    @display(description="State", ordering="state", label=RUN_COLOURS)
    def state_label(self, run: AgentRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description="Outcome")
    def outcome(self, run: AgentRun) -> SafeString:
        cause = explain(run).cause
        short = Truncator(cause).chars(OUTCOME_CHARACTERS)
        return format_html('<span class="block" style="min-width: 9rem" title="{}">{}</span>', cause, short)

    @display(description="Duration")
    def duration(self, run: AgentRun) -> str:
        return words.duration(run)

    @display(description="Tokens")
    def tokens(self, run: AgentRun) -> str:
        return words.tokens(run)

    @display(description="Cost", ordering="cost_micro_usd")
    def cost(self, run: AgentRun) -> str:
        return words.cost(run).replace(" ", "\N{NO-BREAK SPACE}")

    @display(description="Engine")
    def engine(self, run: AgentRun) -> str:
        return words.engine(run)

    @display(description="Took", ordering="engine_peak_mib")
    def took(self, run: AgentRun) -> SafeString:
        return _lines(words.duration(run), f"{run.engine_peak_mib:,} MiB" if run.engine_peak_mib is not None else "")

    @display(description="Tokens")
    def used(self, run: AgentRun) -> SafeString:
        return _lines(*words.tokens_by_kind(run))

    @display(description="Tool calls refused")
    def refusals(self, run: AgentRun) -> int:
        return run.tool_refusals

    @display(description="Why it stopped")
    def cause(self, run: AgentRun) -> str:
        return explain(run).cause

    @display(description="What to do")
    def next_action(self, run: AgentRun) -> str:
        return explain(run).next_action

    @display(description="Log")
    def logs(self, run: AgentRun) -> SafeString:
        lines = format_html('<a class="underline" href="{}">Last lines</a>', log_page(run))
        url = log_url(run)
        return format_html('{} · <a class="underline" href="{}">CloudWatch</a>', lines, url) if url else lines

    def get_urls(self) -> list[URLPattern]:
        """The run's log."""
        log = self.admin_site.admin_view(self.log_view)
        return [path("<uuid:object_id>/log/", log, name="agents_agentrun_log"), *super().get_urls()]

    def log_view(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """The run's last lines, and why it is as it is. ECS is asked first, as `agent_describe` does."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(AgentRun.objects.select_related("agent", "tenant"), id=object_id)
        context = {
            **self.admin_site.each_context(request),
            **_looked_at(run),
            "title": "Log",
            "opts": self.opts,
            "maximum": LOG_LINES,
            "group_url": console_url(region=settings.AWS_REGION, group=settings.AGENT_LOG_GROUP),
        }
        return TemplateResponse(request, "admin/run/log.html", context)


def _lines(*lines: str) -> SafeString:
    """A cell of short lines, none of which is broken."""
    cell = format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines if line))
    return format_html('<span class="whitespace-nowrap">{}</span>', cell)


def _looked_at(run: AgentRun) -> dict[str, Any]:
    """What the page shows of the run. Where AWS does not answer, what was last known, and the reason in `troubles`."""
    troubles: list[tuple[str, AwsError]] = []
    try:
        run = run_refresh(run=run)
    except AwsError as error:
        troubles.append(("ECS could not be asked about the task; this is what was last known.", error))
    try:
        run = run_measure(run=run)
    except DatabaseError as error:  # The log is worth more than the figures.
        logger.warning("What run %s used can't be read: %s", run.pk, type(error).__name__)
    lines = []
    # A second wait for an AWS that just did not answer would only keep the page from coming.
    if not any(isinstance(error, Unreachable) for _, error in troubles):
        try:
            lines = log_tail(run, maximum=LOG_LINES)
        except AwsError as error:
            troubles.append(("The log could not be read.", error))
    return {
        "original": run,
        "run": run,
        "explanation": explain(run),
        "used": words.in_short(run),
        "lines": lines,
        "troubles": troubles,
        "has_ended": run.state in AgentRun.ENDED,
        "log_url": log_url(run),
    }


@admin.register(Provisioning)
class ProvisioningAdmin(ReadOnlyAdmin):
    """Runs of the onboarding machine."""

    list_display = ("created_at", "customer", "kind", "state", "next_attempt_at", "finished_at")
    list_filter = ("state", "kind")
    list_select_related = ("tenant",)
    search_fields = ("tenant__name", "tenant__slug")
    date_hierarchy = "created_at"

    @display(description="Customer")
    def customer(self, run: Provisioning) -> SafeString:
        return customer_link(run.tenant)
