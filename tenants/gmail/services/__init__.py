"""Writes about Gmail: the link, the consent, the delivery, the check, a draft, the end. One module each."""

from tenants.gmail.services.consent import Consent, consent_accept, refusal_note
from tenants.gmail.services.delivery import token_deliver
from tenants.gmail.services.disconnect import connection_disconnect
from tenants.gmail.services.disconnection import disconnection_ask, disconnection_finish
from tenants.gmail.services.drafts import draft_put
from tenants.gmail.services.health import connection_check, connection_prove
from tenants.gmail.services.intents import (
    ConnectLink,
    connect_link,
    connect_path,
    connect_url,
    intent_choose,
    intent_entered,
)

__all__ = [
    "ConnectLink",
    "Consent",
    "connect_link",
    "connect_path",
    "connect_url",
    "connection_check",
    "connection_disconnect",
    "connection_prove",
    "consent_accept",
    "disconnection_ask",
    "disconnection_finish",
    "draft_put",
    "intent_choose",
    "intent_entered",
    "refusal_note",
    "token_deliver",
]
