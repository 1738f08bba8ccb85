"""Scout's tools: read what is new, keep the list of leads."""

from typing import Annotated

from pydantic import Field

from agents.runtime.store.leads import Lead
from agents.runtime.tools.arguments import LINE, Arguments, Email, GmailId
from agents.runtime.tools.outcome import Outcome
from agents.runtime.tools.reading import After, ReadMessage, listing, read_message, stored
from agents.runtime.tools.tool import Answer, Desk, Tool


class ListMessages(Arguments):
    after: After = ""


class UpsertLead(Arguments):
    email: Annotated[Email, Field(description="The person's own address.")]
    name: Annotated[str, Field(max_length=120, description="As in the message, or empty."), LINE] = ""
    company: Annotated[str, Field(max_length=120, description="As in the message, or empty."), LINE] = ""
    intent: Annotated[str, Field(max_length=500, description="One sentence: what they want."), LINE] = ""
    score: Annotated[int, Field(ge=0, le=100, description="How likely it becomes business.")]
    evidence_message_id: Annotated[GmailId, Field(description="gmail_id of the message that shows it.")]


def _list_messages(desk: Desk, arguments: ListMessages) -> Answer:
    mail = desk.store.mail
    return listing(desk, arguments.after, lambda limit, after: mail.among(desk.lot.messages, limit=limit, after=after))


def _upsert_lead(desk: Desk, arguments: UpsertLead) -> Answer:
    stored(desk, arguments.evidence_message_id)
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
