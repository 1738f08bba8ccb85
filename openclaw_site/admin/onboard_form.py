"""The form that onboards a customer."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from openclaw_site.admin.desire_form import zones
from tenants.models import Customer, User
from tenants.plans import plan_choices, region_choices
from tenants.services import customer_onboard


def zone_choices() -> list[tuple[str, str]]:
    """The time zones by name."""
    return [(zone, zone) for zone in zones()]


class OnboardForm(forms.Form):
    """Name, mailbox, subdomain, plan, region, time zone. `submission` makes a double click one customer.

    What was typed is judged by the service alone, so that everything that is wrong is said at once.
    """

    name = forms.CharField(
        required=False, widget=UnfoldAdminTextInputWidget, help_text="The company, as it stands on invoices."
    )
    email = forms.CharField(
        label="E-mail",
        required=False,
        widget=UnfoldAdminEmailInputWidget,
        help_text="The Gmail mailbox that the agents will read.",
    )
    slug = forms.CharField(
        label="Subdomain",
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Lower-case letters, digits and hyphens. The customer's own host begins with it, for good.",
    )
    plan = forms.ChoiceField(choices=plan_choices, widget=UnfoldAdminSelectWidget)
    region = forms.ChoiceField(
        choices=region_choices, widget=UnfoldAdminSelectWidget, help_text="The AWS region in which its agents run."
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        required=False,
        choices=zone_choices,
        widget=UnfoldAdminSelectWidget,
        help_text="Where its office hours are, if its plan keeps to them.",
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"submission": uuid.uuid4(), "time_zone": settings.CUSTOMER_TIME_ZONE})

    def onboard(self, *, actor: User) -> Customer | None:
        """The new customer, or None with the service's refusals added to the form's errors."""
        values = self.cleaned_data
        try:
            return customer_onboard(
                name=values["name"],
                email=values["email"],
                slug=values["slug"],
                plan=values["plan"],
                region=values["region"],
                time_zone=values["time_zone"],
                requested_by=actor,
                customer_id=values["submission"],
            )
        except ValidationError as error:
            if hasattr(error, "error_dict"):
                for field, messages in error.message_dict.items():
                    for message in messages:
                        self.add_error(field if field in self.fields else None, message)
            else:
                self.add_error(None, error)
            return None
