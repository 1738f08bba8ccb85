"""What a member types. Owns the sizes and the help texts."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError

from agents.words import OFFICE_HOURS
from agents.workspace.leads import DRAFTS, SORTS
from agents.workspace.models import FACTS_CHARACTERS, TONE_CHARACTERS
from tenants.models import MembershipRole

SUBJECT_CHARACTERS = 200
BODY_CHARACTERS = 20_000


class LinesField(forms.CharField):
    """Text in lines. A line break counts as one character, as browsers count it, though they send two."""

    def __init__(self, *, rows: int, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), strip=False, **options)

    def to_python(self, value: Any) -> str:
        """With `\\n` between the lines."""
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class DraftForm(forms.Form):
    """A draft's text, and which version of it the member saw."""

    subject = forms.CharField(max_length=SUBJECT_CHARACTERS)
    body = LinesField(rows=14, label="Text", max_length=BODY_CHARACTERS)
    seen = forms.DateTimeField(widget=forms.HiddenInput)

    def clean_subject(self) -> str:
        """In one line."""
        return " ".join(str(self.cleaned_data["subject"]).split())

    def clean_body(self) -> str:
        """More than blanks."""
        body = str(self.cleaned_data["body"])
        if not body.strip():
            raise ValidationError("Write the answer, or reject the draft.")
        return body


class ProfileForm(forms.Form):
    """What the agents should know, within what they can hold in mind."""

    tone = LinesField(
        rows=6,
        required=False,
        max_length=TONE_CHARACTERS,
        help_text=f"How Writer should sound for you, in your words: how you greet and sign, formal or not, short or "
        "long, which language. As: “Friendly, short, we use first names. Sign as Olivia.” "
        f"Up to {TONE_CHARACTERS:,} characters.",
    )
    facts = LinesField(
        rows=12,
        label="Facts about your business",
        required=False,
        max_length=FACTS_CHARACTERS,
        help_text="What Scout and Writer may rely on: what you sell and what not, where, prices that you tell anybody, "
        f"opening hours, how soon you can start. Up to {FACTS_CHARACTERS:,} characters. Leave out passwords and "
        "whatever a lead must not read.",
    )
    seen = forms.DateTimeField(widget=forms.HiddenInput, required=False)


class DateInput(forms.DateInput):
    """The browser's own field for a date."""

    input_type = "date"


class LeadsForm(forms.Form):
    """Which leads, in which order. Every field may be left out."""

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name, address, company or words"}),
    )
    score = forms.IntegerField(label="Score from", required=False, min_value=0, max_value=100)
    since = forms.DateField(label="Found from", required=False, widget=DateInput)
    until = forms.DateField(label="Found until", required=False, widget=DateInput)
    draft = forms.ChoiceField(label="Draft", required=False, choices=list(DRAFTS.items()))
    sort = forms.ChoiceField(label="Order", required=False, choices=[(key, label) for key, (label, _) in SORTS.items()])


class InviteForm(forms.Form):
    """Who is to become a member."""

    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(
        choices=MembershipRole.choices,
        initial=MembershipRole.MEMBER,
        help_text="Members read everything and decide on drafts. Owners also see to the team, Gmail and the account.",
    )


class RoleForm(forms.Form):
    """What a member may do."""

    role = forms.ChoiceField(choices=MembershipRole.choices)


class MailForm(forms.Form):
    """Which mails a member wants."""

    brief = forms.BooleanField(label="The daily brief", required=False)
    hot_leads = forms.BooleanField(label="New hot leads", required=False)
    time_zone = forms.ChoiceField(
        label="Your time zone",
        required=False,
        help_text="The brief comes in the morning there, between 7 and 12.",
        choices=lambda: [("", "The time zone of the agents"), *((zone, zone) for zone in time_zones())],
    )


class HoursForm(forms.Form):
    """Where the office is."""

    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=lambda: [("UTC", "UTC"), *((zone, zone) for zone in time_zones())],
        help_text=f"Office hours are {OFFICE_HOURS} there. The mails of members who chose no other follow it, too.",
    )


class CloseForm(forms.Form):
    """The subdomain, typed by hand."""

    subdomain = forms.CharField(
        max_length=63, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )


def time_zones() -> list[str]:
    """The zones that people live in, by name; without the old and the technical names."""
    technical = ("Etc/", "SystemV/", "US/", "posix/", "right/")
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(technical))
