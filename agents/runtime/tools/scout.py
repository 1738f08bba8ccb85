"""Scout's tools: read what is new, keep the list of leads."""

import re
from email.utils import parseaddr
from typing import Annotated

from pydantic import Field

from agents.runtime.store.leads import Lead
from agents.runtime.store.mail import StoredMessage
from agents.runtime.tools.arguments import LINE, Arguments, Email, GmailId
from agents.runtime.tools.outcome import Outcome
from agents.runtime.tools.reading import After, ReadMessage, listing, read_message, stored
from agents.runtime.tools.tool import Answer, Desk, Refusal, Tool


class ListMessages(Arguments):
    after: After = ""


class UpsertLead(Arguments):
    email: Annotated[Email, Field(description="The person's own address.")]
    name: Annotated[str, Field(max_length=120, description="As in the message, or empty."), LINE] = ""
    company: Annotated[str, Field(max_length=120, description="As in the message, or empty."), LINE] = ""
    intent: Annotated[str, Field(max_length=500, description="One sentence: what they want."), LINE] = ""
    score: Annotated[int, Field(ge=0, le=100, description="How likely it becomes business.")]
    evidence_message_id: Annotated[
        GmailId, Field(description="gmail_id of the message that shows it: from that address, or naming it.")
    ]


def _list_messages(desk: Desk, arguments: ListMessages) -> Answer:
    mail = desk.store.mail
    return listing(desk, arguments.after, lambda limit, after: mail.among(desk.lot.messages, limit=limit, after=after))


def _upsert_lead(desk: Desk, arguments: UpsertLead) -> Answer:
    evidence = stored(desk, arguments.evidence_message_id)
    if not _comes_from(evidence, arguments.email):
        # Writer answers in the evidence's thread: with another's, it would tell one stranger what another wrote.
        if not _names(desk, evidence, arguments.email):
            raise Refusal(
                Outcome.NOT_EVIDENT,
                "This message neither comes from that address nor names it. Use the one that does, and read it first.",
            )
        known = desk.store.leads.get(arguments.email)
        if known is not None and known.evidence_message_id != evidence.gmail_id:
            raise Refusal(
                Outcome.NOT_EVIDENT,
                "This lead is known, and another person's message does not change it. Leave it as it is.",
            )
    change = desk.store.leads.upsert(
        Lead(
            email=arguments.email,
            name=arguments.name,
            company=arguments.company,
            intent=arguments.intent,
            score=arguments.score,
            evidence_message_id=arguments.evidence_message_id,
        )
    )
    return Answer(content={"lead": arguments.email, "result": change.value}, outcome=Outcome(change.value))


def _comes_from(message: StoredMessage, address: str) -> bool:
    return parseaddr(message.sender)[1].lower() == address


def _names(desk: Desk, message: StoredMessage, address: str) -> bool:
    """Whether the message names the address where we have read it, as a contact form's mail does."""
    named = re.compile(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", re.IGNORECASE)
    return bool(named.search(f"{message.subject}\n{message.snippet}\n{desk.mailbox.seen(message.gmail_id)}"))


TOOLS = (
    Tool(
        name="list_messages",
        description="The messages that are new in this run, oldest first.",
        arguments=ListMessages,
        run=_list_messages,
    ),
    Tool(
        name="read_message",
        description="One message with its text.",
        arguments=ReadMessage,
        run=read_message,
    ),
    Tool(
        name="upsert_lead",
        description="Stores a lead, or what is new of it: the same address is the same lead.",
        arguments=UpsertLead,
        run=_upsert_lead,
        writes=True,
    ),
)
