"""Runs of agents, and runs of the onboarding machine, as lists to search."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from agents.models import Agent, AgentRun
from agents.selectors import explain, log_url
from openclaw_site.admin.readonly import ReadOnlyAdmin
from tenants.models import Provisioning

RUN_COLOURS = {"succeeded": "success", "failed": "danger", "running": "info", "starting": "info", "requested": "info"}


def customer_link(tenant: object) -> SafeString:
    """A link to the customer's page."""
    url = reverse("admin:tenants_customer_change", args=[tenant.pk])  # type: ignore[attr-defined]
    return format_html('<a class="underline" href="{}">{}</a>', url, tenant)


@admin.register(AgentRun)
class AgentRunAdmin(ReadOnlyAdmin):
    """What ran, and why it ended."""

    list_display = ("requested_at", "customer", "role", "state_label", "trigger", "exit_code", "capacity_provider")
    list_filter = ("state", "agent__role", "trigger", "capacity_provider")
    list_select_related = ("tenant", "agent")
    search_fields = ("task_arn", "tenant__name", "tenant__slug")
    date_hierarchy = "requested_at"
    readonly_fields = ("cause", "next_action", "logs")

    @display(description="Customer")
    def customer(self, run: AgentRun) -> SafeString:
        return customer_link(run.tenant)

    @display(description="Role", ordering="agent__role")
    def role(self, run: AgentRun) -> str:
        return run.agent.get_role_display()

    @display(description="State", ordering="state", label=RUN_COLOURS)
    def state_label(self, run: AgentRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description="Why it stopped")
    def cause(self, run: AgentRun) -> str:
        return explain(run).cause

    @display(description="What to do")
    def next_action(self, run: AgentRun) -> str:
        return explain(run).next_action

    @display(description="Logs")
    def logs(self, run: AgentRun) -> str | SafeString:
        url = log_url(run)
        return format_html('<a class="underline" href="{}">CloudWatch</a>', url) if url else "No task, no log."


@admin.register(Agent)
class AgentAdmin(ReadOnlyAdmin):
    """What should run."""

    list_display = ("customer", "role", "desired_state", "interval_minutes", "next_run_at", "breaker_reason")
    list_filter = ("role", "desired_state", ("breaker_reason", admin.EmptyFieldListFilter))
    list_select_related = ("tenant",)
    search_fields = ("tenant__name", "tenant__slug")

    @display(description="Customer")
    def customer(self, agent: Agent) -> SafeString:
        return customer_link(agent.tenant)


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
