"""What a member types. Owns the sizes and the help texts."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from agents.workspace.models import FACTS_CHARACTERS, TONE_CHARACTERS

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
        help_text=f"How Writer should sound for you, in your words: “Friendly, short, we use first names. Sign as "
        f"Olivia.” Up to {TONE_CHARACTERS:,} characters.",
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
