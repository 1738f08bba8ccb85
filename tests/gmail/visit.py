"""A person with a link: opens our pages through Django's test client, and Google's over HTTP."""

import re
from typing import Any

import httpx
from django.conf import settings
from django.db import connections
from django.test import Client

from openclaw_site.demo.browser import Browser
from tenants.gmail.services import connect_url
from tenants.isolation.context import enter_platform
from tenants.models import Customer, GmailConnection, TokenOutbox, User

MAILBOX = "olivia@harborline-roofing.example"
OTHER_CUSTOMERS_MAILBOX = "jonas@fernweh-travel.example"
STRANGER = "mallory@elsewhere.example"
GMAIL_SCOPE = "https://www.googleapis.com/auth/gmail.readonly"


def link_of(customer: Customer, actor: User | None = None) -> str:
    """A new connect link."""
    with enter_platform():
        return connect_url(customer=customer, actor=actor)


def get(client: Client, url: str, host: str = "localhost") -> Any:
    """The page at `url`, its own host replaced."""
    return client.get(re.sub(r"^https?://[^/]+", "", url), headers={"host": host})


def begin(client: Client, link: str) -> str:
    """Open the link and press the button; the address at Google."""
    page = get(client, link)
    assert page.status_code == 200, page.content
    intent = httpx.URL(link).params["intent"]
    reply = client.post("/gmail/connect/", {"intent": intent}, headers={"host": "localhost"})
    assert reply.status_code == 302
    return str(reply["Location"])


def consent(address: str, account: str, *, withhold: str = "") -> str:
    """Choose `account` at Google, perhaps keeping a scope back; the callback's address."""
    with Browser() as browser:
        page = browser.open(address)
        form = page.form(account)
        fields = {**form.fields, **({"withhold": withhold} if withhold else {})}
    reply = httpx.post(str(httpx.URL(page.url).join(form.action)), data=fields)
    assert reply.status_code in (302, 303), reply.text
    return reply.headers["Location"]


def ending(client: Client, url: str) -> str:
    """The code of the result page that this address leads to, after reading that page."""
    reply = get(client, url)
    assert reply.status_code == 302, reply.content
    location = httpx.URL(reply["Location"])
    assert set(location.params) == {"result"}, "the address says nothing but the code"
    assert "What to do:" in get(client, str(location)).content.decode()
    return location.params["result"]


def connected(customer: Customer, account: str | None = None) -> str:
    """Walk the whole way; the code of its end."""
    client = Client()
    return ending(client, consent(begin(client, link_of(customer)), account or customer.email))


def refresh_token_of(account: str, *, withhold: str = "") -> str:
    """A refresh token that Google gave for this account, fetched without any of our code."""
    redirect_uri = f"{settings.PUBLIC_BASE_URL}/accounts/gmail/login/callback/"
    asked = {
        "client_id": settings.GOOGLE_CLIENT_ID,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": f"openid email {GMAIL_SCOPE}",
        "state": "x",
        "access_type": "offline",
        "prompt": "consent",
    }
    callback = consent(f"{settings.GOOGLE_AUTHORIZE_URL}?{httpx.QueryParams(asked)}", account, withhold=withhold)
    exchange = {
        "grant_type": "authorization_code",
        "code": httpx.URL(callback).params["code"],
        "redirect_uri": redirect_uri,
        "client_id": settings.GOOGLE_CLIENT_ID,
        "client_secret": settings.GOOGLE_CLIENT_SECRET,
    }
    return str(httpx.post(settings.GOOGLE_TOKEN_URL, data=exchange).json()["refresh_token"])


def connection_of(customer: Customer) -> GmailConnection:
    """The customer's connection as it stands."""
    with enter_platform():
        return GmailConnection.objects.get(tenant=customer)


def outbox_rows() -> list[TokenOutbox]:
    """Every token on its way."""
    with enter_platform():
        return list(TokenOutbox.objects.all())


def rows_of_logins() -> dict[str, int]:
    """How many rows allauth's tables hold: a consent adds to none of them."""
    from allauth.account.models import EmailAddress
    from allauth.socialaccount.models import SocialAccount, SocialToken

    counts = {}
    with connections["owner"].cursor() as cursor:
        for model in (SocialAccount, SocialToken, EmailAddress):
            cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')  # noqa: S608
            counts[model.__name__] = cursor.fetchone()[0]
    return counts


NO_LOGINS = {"SocialAccount": 0, "SocialToken": 0, "EmailAddress": 0}
