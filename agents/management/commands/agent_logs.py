"""`manage.py agent_logs`: what an agent wrote to CloudWatch Logs."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from agents.management.base import AgentCommand
from agents.models import AgentRun
from agents.selectors import explain, log_stream, log_tail
from agents.services import run_refresh
from openclaw_site.aws import logs
from openclaw_site.aws.errors import AwsError
from tenants.management.base import EXIT_NOT_YET

POLL_SECONDS = 2.0
# A stopped container's last lines are delivered this much later, at most.
SETTLE_SECONDS = 2.0


class Command(AgentCommand):
    """Reads; changes nothing but what ECS says of the run."""

    help = (
        "Print the log of an agent's newest run (or of --run ID). Exit codes: 0 printed, 1 AWS refused, 2 unknown "
        "customer, role or run, 3 there is nothing yet."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_agent_arguments(parser, optional=True)
        parser.add_argument("--run", metavar="ID", help="Of this run instead of the newest.")
        parser.add_argument("--follow", action="store_true", help="Go on until the run has ended, or Ctrl-C.")
        parser.add_argument("--lines", type=int, default=100, metavar="N", help="The last N lines (100).")

    def run(self, **options: Any) -> int | None:
        if options["lines"] < 1:
            raise CommandError("--lines must be 1 or more.", returncode=2)
        run = self.chosen_run(options)
        try:
            return self._follow(run) if options["follow"] else self._last(run, options["lines"])
        except KeyboardInterrupt:
            return None

    def _last(self, run: AgentRun, count: int) -> int | None:
        run = run_refresh(run=run)
        lines = log_tail(run, maximum=count)
        if not lines:
            self.stderr.write(_nothing(run))
            return EXIT_NOT_YET
        for line in lines:
            self._print(line)
        return None

    def _follow(self, run: AgentRun) -> int | None:
        while (stream := log_stream(run)) is None:
            run = run_refresh(run=run)
            if run.state in AgentRun.ENDED:
                self.stderr.write(_nothing(run))
                return EXIT_NOT_YET
            time.sleep(POLL_SECONDS)
        follower = logs.follow(
            group=settings.AGENT_LOG_GROUP,
            stream_names=[stream],
            poll_seconds=POLL_SECONDS,
            finished=lambda: _has_ended(run),
        )
        printed = False
        for line in follower:
            self._print(line)
            printed = True
        if not printed:
            self.stderr.write(_nothing(run_refresh(run=run)))
            return EXIT_NOT_YET
        return None

    def _print(self, line: logs.LogLine) -> None:
        self.stdout.write(f"{line.at:%H:%M:%S} {line.message}")
        self.stdout.flush()


def _has_ended(run: AgentRun) -> bool:
    """Whether nothing more will come. An AWS that does not answer now is asked again in the next round."""
    try:
        fresh = run_refresh(run=run)
    except AwsError as error:
        if not error.retryable:
            raise
        return False
    if fresh.state not in AgentRun.ENDED:
        return False
    time.sleep(SETTLE_SECONDS)
    return True


def _nothing(run: AgentRun) -> str:
    explanation = explain(run)
    name = f"{run.agent.get_role_display()} of {run.tenant.name}"
    return f"{name} has written nothing in this run ({run.state}). {explanation.cause} {explanation.next_action}"
