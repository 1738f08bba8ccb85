"""`manage.py agent_run`: one tick of an agent on this machine."""

from typing import Any, TextIO, cast

from django.core.management.base import CommandParser

from agents.management.base import CUSTOMER_HELP, AgentCommand
from agents.models import AgentRole
from agents.services import agent_run_here


class Command(AgentCommand):
    """Thin edge of agents.services.agent_run_here."""

    help = (
        "Run one tick of an agent on this machine against the configured database, as its customer's IAM role and "
        "database login, and print its log and what it wrote. Exit codes: the agent's own (`agents/runtime/exits.py`), "
        "1 refused, 2 unknown customer or role."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customer", required=True, help=CUSTOMER_HELP)
        parser.add_argument("--role", required=True, choices=AgentRole.values, help="Which of its agents.")

    def run(self, **options: Any) -> int | None:
        agent = self.agent(options["customer"], options["role"])
        done = agent_run_here(agent=agent, output=cast(TextIO, self.stdout))
        self.stdout.write(f"{done.meaning} (exit code {done.exit_code})")
        rows = [[kind, ", ".join(f"{name} {value}" for name, value in data.items())] for kind, data in done.activities]
        if rows:
            self.write_table(["wrote", "with"], rows)
        else:
            self.stdout.write("It wrote nothing.")
        return done.exit_code
