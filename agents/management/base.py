"""What the operators' commands about agents share: finding an agent or a run, their JSON, refusals as one line.

Exit codes are those of `tenants.management.base`: 0 it holds, 1 it failed, 2 the command line is wrong, 3 not yet.
"""

import uuid
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from agents.errors import AgentError
from agents.models import Agent, AgentRole, AgentRun, AgentRunState
from agents.selectors import explain, log_stream, run_latest
from openclaw_site.aws.errors import AwsError
from tenants.management.base import EXIT_FAILED, EXIT_NOT_YET, EXIT_USAGE, PlatformCommand

CUSTOMER_HELP = "Subdomain, id, TenantID or exact name."

_EXIT_OF_STATE = {
    AgentRunState.RUNNING: 0,
    AgentRunState.SUCCEEDED: 0,
    AgentRunState.FAILED: EXIT_FAILED,
}


class AgentCommand(PlatformCommand):
    """A command about agents. Its refusals, and those of AWS, become a line with what to do."""

    refusals = (AgentError, AwsError)

    def add_agent_arguments(self, parser: CommandParser, *, optional: bool = False) -> None:
        """CUSTOMER and ROLE."""
        nargs = "?" if optional else None
        parser.add_argument("customer", nargs=nargs, help=CUSTOMER_HELP)
        parser.add_argument("role", nargs=nargs, choices=AgentRole.values, help="Which of its agents.")

    def agent(self, reference: str, role: str) -> Agent:
        """The customer's agent of this role. Ends the command when there is none."""
        customer = self.customer(reference)
        agent = Agent.objects.select_related("tenant").filter(tenant=customer, role=role).first()
        if agent is None:
            raise CommandError(
                f"{customer.name} has no {role} (it is {customer.get_state_display().lower()}). "
                "Its provisioning makes its agents: `manage.py provision` shows how far it is.",
                returncode=EXIT_NOT_YET,
            )
        return agent

    def chosen_run(self, options: dict[str, Any]) -> AgentRun:
        """The run that `--run` names, or the agent's newest. Ends the command when there is none."""
        if options["run"]:
            return self._run_by_id(options["run"])
        if not options["customer"] or not options["role"]:
            raise CommandError("Name a CUSTOMER and a ROLE, or a run with --run ID.", returncode=EXIT_USAGE)
        agent = self.agent(options["customer"], options["role"])
        run = run_latest(agent=agent)
        if run is None:
            raise CommandError(
                f"{agent.get_role_display()} of {agent.tenant.name} never ran. "
                f"`manage.py agent_start {agent.tenant.slug} {agent.role}` starts it.",
                returncode=EXIT_NOT_YET,
            )
        return run

    def _run_by_id(self, text: str) -> AgentRun:
        try:
            return AgentRun.objects.select_related("agent", "tenant").get(pk=uuid.UUID(text))
        except (ValueError, AgentRun.DoesNotExist):
            raise CommandError(f"There is no run {text}.", returncode=EXIT_USAGE) from None


def exit_of(run: AgentRun) -> int:
    """0 when the run works or worked, 1 when it failed, 3 when it is on the way."""
    return _EXIT_OF_STATE.get(AgentRunState(run.state), EXIT_NOT_YET)


def run_as_json(run: AgentRun) -> dict[str, Any]:
    """One run for a script, with why it is as it is."""
    explanation = explain(run)
    return {
        "id": run.id,
        "customer": run.tenant.slug,
        "role": run.agent.role,
        "trigger": run.trigger,
        "state": run.state,
        "attempt": run.attempt,
        "task": run.task_arn,
        "task_definition": run.task_definition_arn,
        "capacity_provider": run.capacity_provider,
        "requested_at": run.requested_at,
        "started_at": run.started_at,
        "stopped_at": run.stopped_at,
        "exit_code": run.exit_code,
        "stop_code": run.stop_code,
        "stopped_reason": run.stopped_reason,
        "log_stream": log_stream(run),
        "model_calls": run.model_calls,
        "input_tokens": run.input_tokens,
        "output_tokens": run.output_tokens,
        "cache_read_tokens": run.cache_read_tokens,
        "cache_write_tokens": run.cache_write_tokens,
        "cost_micro_usd": run.cost_micro_usd,
        "engine_seconds": run.engine_seconds,
        "engine_peak_mib": run.engine_peak_mib,
        "tool_refusals": run.tool_refusals,
        "cause": explanation.cause,
        "next_action": explanation.next_action,
    }


def ago(moment: datetime | None) -> str:
    """`moment` as a person says it: "in 4 min", "12 s ago", or a dash."""
    if moment is None:
        return "-"
    seconds = (moment - timezone.now()).total_seconds()
    size = abs(seconds)
    amount, unit = (size, "s") if size < 100 else (size / 60, "min") if size < 6000 else (size / 3600, "h")
    text = f"{amount:.0f} {unit}"
    return f"in {text}" if seconds > 0 else f"{text} ago"
