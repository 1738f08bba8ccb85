"""`manage.py agents`: what should run and what ran last."""

from typing import Any

from django.core.management.base import CommandParser

from agents.management.base import CUSTOMER_HELP, AgentCommand, ago, run_as_json
from agents.models import Agent, AgentRun
from agents.selectors import fleet_paused, runs_newest
from tenants.models import CustomerState


class Command(AgentCommand):
    """Lists agents."""

    help = "List the agents of one customer or of all, with their last run. Exit codes: 0 listed, 2 unknown customer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", nargs="?", help=CUSTOMER_HELP + " Without it: all customers'.")
        parser.add_argument("--json", action="store_true", help="Print them as JSON.")

    def run(self, **options: Any) -> int | None:
        found = Agent.objects.select_related("tenant").exclude(tenant__state=CustomerState.CLOSED)
        if options["customer"]:
            found = found.filter(tenant=self.customer(options["customer"]))
        agents = list(found.order_by("tenant__name", "tenant_id", "role"))
        runs = runs_newest(agents=agents)
        if options["json"]:
            self.write_json([_as_json(agent, runs.get(agent.pk)) for agent in agents])
        elif not agents:
            self.stdout.write("No agents. A customer's provisioning makes them: `manage.py customers` lists customers.")
        else:
            header = ["CUSTOMER", "ROLE", "WANTED", "LAST RUN", "STATE", "EXIT", "NEXT RUN"]
            self.write_table(header, [_row(agent, runs.get(agent.pk)) for agent in agents])
            self._notes(agents)
        return None

    def _notes(self, agents: list[Agent]) -> None:
        if fleet_paused():
            self.stderr.write("The fleet is paused: no agent is started.")
        for agent in agents:
            if agent.breaker_reason:
                self.stderr.write(f"{agent.tenant.slug} {agent.role} is held back: {agent.breaker_reason}")


def _row(agent: Agent, run: AgentRun | None) -> list[str]:
    wanted = agent.desired_state
    if wanted == "scheduled":
        wanted = f"every {agent.interval_minutes} min"
    following = "held back" if agent.breaker_reason else ago(agent.next_run_at)
    if agent.tenant.paused_at is not None:
        following = "paused"
    elif agent.desired_state == "stopped":
        following = "-"
    last = [ago(run.requested_at), run.state, "-" if run.exit_code is None else str(run.exit_code)] if run else None
    return [agent.tenant.slug, agent.role, wanted.replace("_", " "), *(last or ["never", "-", "-"]), following]


def _as_json(agent: Agent, run: AgentRun | None) -> dict[str, Any]:
    return {
        "id": agent.id,
        "customer": agent.tenant.slug,
        "tenant_id": agent.tenant.tenant_hex,
        "role": agent.role,
        "desired_state": agent.desired_state,
        "interval_minutes": agent.interval_minutes,
        "office_hours_in": agent.office_hours_in,
        "follows_plan": agent.follows_plan,
        "next_run_at": agent.next_run_at,
        "idle_at": agent.idle_at,
        "consecutive_failures": agent.consecutive_failures,
        "breaker_reason": agent.breaker_reason,
        "last_run": run_as_json(run) if run else None,
    }
