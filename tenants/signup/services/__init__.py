"""Writes about sign-ups: `begin` on the public host, `make` in the platform's context, `sweep` by the clock."""

from tenants.signup.services.begin import Person, signup_again, signup_begin, signup_choose, signup_confirm
from tenants.signup.services.enter import google_enter, signup_enter, signup_gmail_url
from tenants.signup.services.make import signup_make
from tenants.signup.services.sweep import signups_forget, signups_sweep

__all__ = [
    "Person",
    "google_enter",
    "signup_again",
    "signup_begin",
    "signup_choose",
    "signup_confirm",
    "signup_enter",
    "signup_gmail_url",
    "signup_make",
    "signups_forget",
    "signups_sweep",
]
