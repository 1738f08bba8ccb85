"""The back office's pages. They stand above the apps: a customer's page shows agents and onboarding in one.

Importing this package registers the pages with Django's admin, which looks for a module `admin` in every app.
"""

from openclaw_site.admin import (
    agents,
    cards,
    customers,
    members,
    people,
    plans,
    prices,
    runs,
    signups,
    staff,
    subscriptions,
    support,
)

__all__ = [
    "agents",
    "cards",
    "customers",
    "members",
    "people",
    "plans",
    "prices",
    "runs",
    "signups",
    "staff",
    "subscriptions",
    "support",
]
