"""What is typed at the sign-in. Owns the words of its refusals."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.core.exceptions import ValidationError

from tenants.members.services import password_set
from tenants.members.throttle import sign_in_attempt
from tenants.models import User


class ThrottledForm(AuthenticationForm):
    """E-mail address and password, with a limit on failed attempts. Needs the words for `throttled`."""

    def clean_username(self) -> str:
        """Addresses are kept in lower case."""
        return str(self.cleaned_data["username"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        """The person, in `get_user()`. Each attempt is counted before the password is looked at."""
        email = self.cleaned_data.get("username")
        if not email or self.request is None:
            return super().clean()
        attempt = sign_in_attempt(self.request, email=email)
        if attempt is None:
            raise ValidationError(self.error_messages["throttled"], code="throttled")
        cleaned = super().clean()
        attempt.rollback()
        return cleaned


class SignInForm(ThrottledForm):
    """Says the same of a wrong password, an unknown address and a closed account."""

    error_messages = {
        "invalid_login": "This e-mail address and password do not belong together. Mind upper and lower case.",
        "inactive": "This e-mail address and password do not belong together. Mind upper and lower case.",
        "throttled": "Too many failed attempts. Wait five minutes, or have a link to set a new password mailed to you.",
    }

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = "E-mail address"
        self.fields["username"].widget.attrs |= {"type": "email", "autocomplete": "username"}


class PasswordAskForm(forms.Form):
    """Where to send a link to."""

    email = forms.EmailField(
        label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )


class PasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # a generic to the type checker only
    """The new password, twice."""

    def save(self, commit: bool = True) -> User:
        """The person has this password from now on."""
        user: User = self.user
        password_set(user=user, password=self.cleaned_data["new_password1"])
        return user
