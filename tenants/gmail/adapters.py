"""What allauth may do here: nothing but carry a Gmail consent. Nobody signs up or signs in through it."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Accounts are made by staff."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class GmailConsentAdapter(DefaultSocialAccountAdapter):
    """A Google account never becomes a login."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: object) -> bool:
        return False
