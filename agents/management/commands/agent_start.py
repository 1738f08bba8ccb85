"""`manage.py agent_start`: run one agent now."""

import time
from typing import Any

from django.core.management.base import CommandParser

from agents.management.base import AgentCommand, exit_of, run_as_json
from agents.models import AgentRun, AgentRunState, DesiredState
from agents.selectors import explain
from agents.services import agent_start, run_refresh
from tenants.management.base import EXIT_NOT_YET

POLL_SECONDS = 1.0


class Command(AgentCommand):
    """Thin edge of agents.services.agent_start."""

    help = (
        "Start one agent of a customer now, whatever its schedule; closes its breaker. Exit codes: 0 started (with "
        "--wait: ended well, or works if it is always on), 1 refused or failed, 2 unknown customer or role, 3 not yet."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_agent_arguments(parser)
        parser.add_argument("--wait", action="store_true", help="Until the run has ended (always on: until it works).")
        parser.add_argument("--timeout", type=float, default=300.0, metavar="SECONDS", help="Of --wait (300 s).")
        parser.add_argument("--json", action="store_true", help="Print the run as JSON.")

    def run(self, **options: Any) -> int | None:
        agent = self.agent(options["customer"], options["role"])
        run = agent_start(agent=agent, trigger="staff")
        if options["wait"]:
            run = _wait(run, time.monotonic() + options["timeout"])
        if options["json"]:
            self.write_json(run_as_json(run))
        else:
            self._print(run)
        if options["wait"]:
            return exit_of(run) if _is_settled(run) else EXIT_NOT_YET
        return EXIT_NOT_YET if run.state == AgentRunState.REQUESTED else 0

    def _print(self, run: AgentRun) -> None:
        explanation = explain(run)
        self.stdout.write(f"{run.agent.get_role_display()} of {run.tenant.name}: {run.get_state_display().lower()}")
        self.stdout.write(f"  run   {run.id}")
        if run.task_arn:
            self.stdout.write(f"  task  {run.task_arn}")
        self.stdout.write(f"  {explanation.cause} {explanation.next_action}")


def _wait(run: AgentRun, deadline: float) -> AgentRun:
    """The run once it has settled, or as it is at the deadline. Asks ECS itself, so no worker is needed."""
    while not _is_settled(run) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        run = run_refresh(run=run)
    return run


def _is_settled(run: AgentRun) -> bool:
    works = run.state == AgentRunState.RUNNING and run.agent.desired_state == DesiredState.ALWAYS_ON
    return works or run.state in AgentRun.ENDED
