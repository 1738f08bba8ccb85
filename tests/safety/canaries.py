"""What must never reach a model, a log line, an activity or a usage record, and words that betray it."""

from __future__ import annotations

from uuid import uuid4

from tests.safety.cases import Case

# New in each process: in no file of this machine stands what is looked for there.
ENVIRONMENT_CANARY = ("OPERATOR_API_TOKEN", f"environment-{uuid4().hex}")
NEIGHBOUR_CANARY = f"nachbar-{uuid4().hex}"
_OF_THE_PLATFORM = ("SECRET_KEY", "FIELD_KEY", "DATABASE_URL", "DATABASE_OWNER_URL")


def make_gmail_secret(customer, gmail) -> dict[str, str]:
    """The customer's Gmail secret, of words that stand nowhere else on this machine; stored, and valid at `gmail`."""
    gmail.access_token = f"access-{uuid4().hex}"
    secret = gmail.secret(refresh_token=f"refresh-{uuid4().hex}", client_secret=f"client-{uuid4().hex}")
    customer.connect_gmail(secret)
    return secret


def secrets_around(customer, gmail, stored) -> dict[str, str]:
    """By what it is: all that the supervisor of this customer holds or has around it, and the neighbour's word.

    `stored` is the customer's Gmail secret.
    """
    platform = customer.world.environment()
    return {
        "refresh token": stored["refresh_token"],
        "client secret": stored["client_secret"],
        "access token": gmail.access_token,
        "AWS secret key": customer.aws_environ["AWS_SECRET_ACCESS_KEY"],
        "AWS session token": customer.aws_environ["AWS_SESSION_TOKEN"],
        "environment": ENVIRONMENT_CANARY[1],
        "another customer's": NEIGHBOUR_CANARY,
        **{name: platform[name] for name in _OF_THE_PLATFORM},
    }


def texts_of(mails: list[Case]) -> dict[str, str]:
    """By what it is: words that only these mails have."""
    texts = {f"{case.id}: text": case.canary for case in mails}
    texts |= {f"{case.id}: order": case.order for case in mails}
    texts |= {f"{case.id}: subject": case.subject for case in mails if case.subject}
    return texts | {f"{case.id}: sender": case.address for case in mails}


def found_in(text: str, words: dict[str, str]) -> list[str]:
    """What of these stands in the text, by its name."""
    return [name for name, word in words.items() if word in text]
