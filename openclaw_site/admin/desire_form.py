"""The form that says what is wanted of an agent."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from agents.models import Agent, DesiredState
from agents.services import agent_desire
from agents.words import OFFICE_HOURS
from tenants.models import User


def hours_choices() -> list[tuple[str, str]]:
    """Around the clock, or the office hours of a time zone."""
    return [("", "Around the clock"), *((zone, f"Office hours, {zone}") for zone in zones())]


def zones() -> list[str]:
    """The time zones by name, without abbreviations."""
    return sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")


class DesireForm(forms.Form):
    """Desired state and interval. What is allowed is the service's; its refusals stand next to their fields."""

    desired_state = forms.ChoiceField(
        label="State",
        choices=DesiredState.choices,
        widget=UnfoldAdminSelectWidget,
        help_text="Stopped, or no longer always on: what runs now is told to stop.",
    )
    follows_plan = forms.BooleanField(
        label="Interval and hours as the plan says",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="They then follow the customer's plan and time zone, also when these change. Switch it off to set "
        "them here; plans leave the agent alone from then on.",
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
        help_text=f"Office hours are {OFFICE_HOURS} in the time zone. They count while scheduled.",
    )

    def __init__(self, data: Any = None, *, agent: Agent) -> None:
        super().__init__(data, initial={name: getattr(agent, name) for name in self.base_fields})
        self._agent = agent

    def clean(self) -> dict[str, Any]:
        """What is set by hand is not the plan's."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        by_hand = {"interval_minutes", "office_hours_in"} & set(self.changed_data)
        if values.get("follows_plan") and by_hand:
            self.add_error("follows_plan", "Switch this off to set the interval or the hours here.")
        return values

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
                follows_plan=self.cleaned_data["follows_plan"],
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
        by_hand = "" if agent.follows_plan else ", set by hand"
        return f"scheduled, every {agent.interval_minutes} min{hours}{by_hand}"
    return agent.get_desired_state_display().lower()
