"""What staff type at their sign-in. It stands outside `admin`, whose site asks for it while it is made."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminTextInputWidget

from openclaw_site.staff.codes import AuthenticatorUnreadable, code_check
from tenants.members.forms import ThrottledForm
from tenants.members.throttle import code_attempt
from tenants.models import User

THROTTLED = "Too many wrong codes. Wait five minutes, or ask a colleague to reset your authenticator."
WRONG = "This code does not hold: it is wrong, used already, or too old. Wait for the next one."


class StaffSignInForm(ThrottledForm, AuthenticationForm):
    """The admin's own form, with the members' limits: failed attempts on either host count together."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "throttled": gettext_lazy("Too many failed attempts. Wait five minutes, or ask a colleague to set a password."),
    }


class CodeForm(forms.Form):
    """A code, with a limit on wrong ones by person and by the address that they come from.

    Each attempt is counted before the code is looked at, and a right one is taken back.
    """

    code = forms.CharField(
        label="Code",
        max_length=20,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "spellcheck": "false"}
        ),
    )

    def __init__(self, request: HttpRequest, user: User) -> None:
        super().__init__(request.POST if request.method == "POST" else None)
        self.request, self.user = request, user

    def holds(self, code: str) -> Any:
        """Something true when the code is right."""
        try:
            return code_check(user=self.user, code=code)
        except AuthenticatorUnreadable as error:
            raise ValidationError(f"{error} {error.next_action}") from None

    def clean_code(self) -> str:
        """The code without spaces and hyphens."""
        code = str(self.cleaned_data["code"]).replace(" ", "").replace("-", "")
        attempt = code_attempt(self.request, user_id=self.user.pk)
        if attempt is None:
            raise ValidationError(THROTTLED, code="throttled")
        self.outcome = self.holds(code)
        if not self.outcome:
            raise ValidationError(WRONG, code="wrong")
        attempt.rollback()
        return code


class NewAuthenticatorForm(CodeForm):
    """The first code of a new authenticator, which `take` enrols. `outcome` has the recovery codes."""

    def __init__(self, request: HttpRequest, user: User, secret: str, *, take: Callable[..., list[str] | None]) -> None:
        super().__init__(request, user)
        self.secret, self.take = secret, take

    def holds(self, code: str) -> Any:
        """The recovery codes, with the authenticator enrolled; None if the code is wrong."""
        return self.take(user=self.user, secret=self.secret, code=code)
