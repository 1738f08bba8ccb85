"""`manage.py agent_stop`: stop one agent's run."""

from typing import Any

from django.core.management.base import CommandParser

from agents.management.base import AgentCommand
from agents.models import DesiredState
from agents.services import agent_stop


class Command(AgentCommand):
    """Thin edge of agents.services.agent_stop."""

    help = (
        "Ask the open run of one agent to stop. A scheduled agent runs again at its next time. Exit codes: 0 asked, or "
        "nothing ran; 1 refused by AWS; 2 unknown customer or role; 3 the customer has no agents yet."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_agent_arguments(parser)
        parser.add_argument("--reason", default="stopped by an operator", help="Recorded with the run.")

    def run(self, **options: Any) -> int | None:
        agent = self.agent(options["customer"], options["role"])
        name = f"{agent.get_role_display()} of {agent.tenant.name}"
        if not agent_stop(agent=agent, reason=options["reason"]):
            self.stdout.write(f"{name} is not running.")
            return None
        self.stdout.write(f"{name} is stopping; it has half a minute before it is killed.")
        if agent.desired_state != DesiredState.STOPPED:
            self.stdout.write(
                f"It is wanted {agent.get_desired_state_display().lower()}, so it will run again; "
                "the customer's page in the admin changes that."
            )
        return None
