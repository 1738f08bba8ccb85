"""The back office's sign-in form. It stands outside `admin`, whose site asks for it while it is made."""

from django.utils.translation import gettext_lazy
from unfold.forms import AuthenticationForm

from tenants.members.forms import ThrottledForm


class StaffSignInForm(ThrottledForm, AuthenticationForm):
    """The admin's own form, with the members' limits: failed attempts on either host count together."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "throttled": gettext_lazy("Too many failed attempts. Wait five minutes, or ask a colleague to set a password."),
    }
