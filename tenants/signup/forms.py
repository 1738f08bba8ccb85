"""What is typed at the sign-up. Owns the words of its refusals; the same checks stand behind the live answer."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core import signing
from django.urls import reverse_lazy

from tenants.models import User
from tenants.plans import plan_choices
from tenants.signup.services import Person
from tenants.signup.subdomains import subdomain_check
from tenants.validators import validate_display_name

_SALT = "tenants.signup.form"


class ChoiceForm(forms.Form):
    """The two things that may be gone when the customer is made."""

    subdomain = forms.CharField(
        max_length=63,
        widget=forms.TextInput(
            attrs={
                "autocapitalize": "none",
                "autocomplete": "off",
                "spellcheck": "false",
                "hx-get": reverse_lazy("signup_subdomain", urlconf=settings.PUBLIC_SCHEMA_URLCONF),
                "hx-trigger": "input changed delay:400ms",
                "hx-target": "#subdomain-answer",
            }
        ),
    )
    plan = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan: Any = self.fields["plan"]
        plan.choices = plan_choices()
        plan.error_messages["invalid_choice"] = "This plan is not sold any more. Choose another."
        self.fields["subdomain"].label = "Address of your pages"
        self.fields["subdomain"].help_text = f"Your pages are at this name, followed by .{settings.CUSTOMER_DOMAIN}."

    def clean_subdomain(self) -> str:
        """In lower case, as host names are."""
        value = str(self.cleaned_data["subdomain"]).strip().lower()
        subdomain_check(value)
        return value


class SignupForm(ChoiceForm):
    """A company and the person who signs it up. With `google` given, that person is known and needs no password."""

    company = forms.CharField(max_length=200, validators=[validate_display_name])
    person = forms.CharField(max_length=150, validators=[validate_display_name], label="Your name")
    email = forms.EmailField(
        label="Your e-mail address",
        help_text="The Gmail or Google Workspace address whose inbox the agents are to read.",
    )
    password = forms.CharField(strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    form = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ("company", "subdomain", "person", "email", "password", "plan")

    def __init__(self, *args: Any, google: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.google = google
        if google:
            del self.fields["email"], self.fields["password"]
        else:
            self.fields["password"].help_text = password_validators_help_text_html()
        for name, word in (("company", "organization"), ("person", "name"), ("email", "email")):
            if name in self.fields:
                self.fields[name].widget.attrs["autocomplete"] = word
        self.fields["form"].initial = signing.dumps(uuid.uuid4().hex, salt=_SALT)

    def clean(self) -> dict[str, Any]:
        """The password is compared with what else was typed."""
        cleaned: dict[str, Any] = super().clean() or {}
        if password := cleaned.get("password"):
            person = User(email=cleaned.get("email", ""), first_name=cleaned.get("person", ""))
            try:
                validate_password(password, user=person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned

    def form_id(self) -> uuid.UUID:
        """The id that this form was given when it was shown; a new one for a form that does not say."""
        try:
            return uuid.UUID(signing.loads(self.cleaned_data["form"], salt=_SALT))
        except (signing.BadSignature, ValueError, TypeError, AttributeError):
            return uuid.uuid4()

    def who(self) -> Person:
        """Who signs up."""
        given = self.cleaned_data
        if self.google:
            return Person(given["person"], self.google["email"], google_subject=self.google["subject"])
        return Person(given["person"], given["email"], password=given["password"])
