"""`manage.py agent_describe`: why a run is as it is, and what to do."""

from typing import Any

from django.core.management.base import CommandParser
from django.db.utils import DatabaseError

from agents.management.base import AgentCommand, ago, exit_of, run_as_json
from agents.models import AgentRun
from agents.selectors import explain, hindrances, log_stream, log_url
from agents.services import run_measure, run_refresh
from agents.words import DASH, engine, in_short
from openclaw_site.aws.errors import AwsError


class Command(AgentCommand):
    """Asks ECS about the run, then explains it."""

    help = (
        "Explain an agent's newest run (or --run ID): why did it stop, what to do. Exit codes: 0 it works or ended "
        "well, 1 it failed, 2 unknown customer, role or run, 3 it is on the way, or never ran."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_agent_arguments(parser, optional=True)
        parser.add_argument("--run", metavar="ID", help="This run instead of the newest.")
        parser.add_argument("--json", action="store_true", help="Print it as JSON.")

    def run(self, **options: Any) -> int | None:
        run = self.chosen_run(options)
        try:
            run = run_refresh(run=run)
        except AwsError as error:
            self.stderr.write(f"ECS could not be asked, this is what was last known: {error}")
        try:
            run = run_measure(run=run)
        except DatabaseError as error:
            self.stderr.write(f"What it used could not be read: {type(error).__name__}")
        if options["json"]:
            self.write_json(run_as_json(run))
        else:
            self._print(run)
        return exit_of(run)

    def _print(self, run: AgentRun) -> None:
        explanation = explain(run)
        self.stdout.write(f"{run.agent.get_role_display()} of {run.tenant.name}: {run.get_state_display().lower()}")
        self.stdout.write(f"\n  {explanation.cause}\n  {explanation.next_action}\n")
        for name, value in _facts(run):
            if value:
                self.stdout.write(f"  {name:16} {value}")


def _facts(run: AgentRun) -> list[tuple[str, str]]:
    agent = run.agent
    exit_code = "" if run.exit_code is None else str(run.exit_code)
    size = f"{run.cpu / 1024:g} vCPU, {run.memory_mib} MiB" if run.cpu and run.memory_mib else ""
    return [
        ("run", f"{run.id} ({run.trigger}, attempt {run.attempt})"),
        ("task", run.task_arn),
        ("definition", run.task_definition_arn.rsplit("/", 1)[-1]),
        ("capacity", ", ".join(part for part in (run.capacity_provider, size) if part)),
        ("requested", ago(run.requested_at)),
        ("started", ago(run.started_at) if run.started_at else ""),
        ("stopped", ago(run.stopped_at) if run.stopped_at else ""),
        ("used", in_short(run)),
        ("engine", engine(run).strip(DASH)),
        ("tools refused", str(run.tool_refusals) if run.model_calls else ""),
        ("exit code", exit_code),
        ("stop code", run.stop_code),
        ("ECS's reason", run.stopped_reason),
        ("failures", f"{agent.consecutive_failures} in a row" if agent.consecutive_failures else ""),
        ("held back", " ".join(f"{one.cause} {one.next_action}" for one in hindrances(agent=agent))),
        ("next run", ago(agent.next_run_at) if agent.next_run_at and not agent.breaker_reason else ""),
        ("no work", f"when it was last due, {ago(agent.idle_at)}" if agent.idle_at else ""),
        ("log stream", log_stream(run) or ""),
        ("log page", log_url(run) or ""),
    ]
