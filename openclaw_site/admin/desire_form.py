"""The form that says what is wanted of an agent."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from agents.models import Agent, DesiredState
from agents.services import agent_desire
from tenants.models import User


def hours_choices() -> list[tuple[str, str]]:
    """Around the clock, or the office hours of a time zone."""
    zones = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
    return [("", "Around the clock"), *((zone, f"Office hours, {zone}") for zone in zones)]


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

    office_hours_in = forms.ChoiceField(
        label="Hours",
        required=False,
        choices=hours_choices,
        widget=UnfoldAdminSelectWidget,
        help_text="Office hours are Monday to Friday, 7:00 to 19:00 in the time zone. They count while scheduled.",
    )

    def __init__(self, data: Any = None, *, agent: Agent) -> None:
        super().__init__(data, initial={name: getattr(agent, name) for name in self.base_fields})
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
                office_hours_in=self.cleaned_data["office_hours_in"],
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
        hours = f" in office hours ({agent.office_hours_in})" if agent.office_hours_in else ""
        return f"scheduled, every {agent.interval_minutes} min{hours}"
    return agent.get_desired_state_display().lower()
