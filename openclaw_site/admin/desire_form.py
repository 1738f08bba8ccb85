"""The form that says what is wanted of an agent."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from agents.models import Agent, DesiredState
from agents.services import agent_desire
from tenants.models import User


class DesireForm(forms.Form):
    """Desired state and interval. What is allowed is the service's; its refusals stand next to their fields."""

    desired_state = forms.ChoiceField(
        label="State",
        choices=DesiredState.choices,
        widget=UnfoldAdminSelectWidget,
        help_text="Stopped, or no longer always on: what runs now is told to stop.",
    )
    interval_minutes = forms.IntegerField(
        label="Minutes between runs",
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="5 to 1,440. Counts while the agent is scheduled, and is kept for later otherwise.",
    )

    def __init__(self, data: Any = None, *, agent: Agent) -> None:
        super().__init__(
            data, initial={"desired_state": agent.desired_state, "interval_minutes": agent.interval_minutes}
        )
        self._agent = agent

    def desire(self, *, actor: User) -> Agent | None:
        """The agent as it is wanted now, or None with the service's refusals added to the form's errors.

        Raises AwsError when the wish stands but a run could not be told to stop.
        """
        try:
            return agent_desire(
                agent=self._agent,
                desired_state=self.cleaned_data["desired_state"],
                interval_minutes=self.cleaned_data["interval_minutes"],
                actor=actor,
            )
        except ValidationError as error:
            for field, texts in error.message_dict.items():
                for text in texts:
                    self.add_error(field if field in self.fields else None, text)
            return None


def wish(agent: Agent) -> str:
    """What is wanted of the agent, in a few words."""
    if agent.desired_state == DesiredState.SCHEDULED:
        return f"scheduled, every {agent.interval_minutes} min"
    return agent.get_desired_state_display().lower()
