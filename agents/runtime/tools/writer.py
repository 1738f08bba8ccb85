"""Writer's tools: see which leads wait for an answer, read their threads, store drafts. Nothing here can send."""

from typing import Annotated, Any

from pydantic import Field

from agents.runtime.store.drafts import Draft, Saved
from agents.runtime.store.leads import StoredLead, WaitingLead
from agents.runtime.tools.arguments import LINE, TEXT, Arguments, Email, GmailId, one_line, some_lines
from agents.runtime.tools.mail_source import Letter
from agents.runtime.tools.outcome import Outcome
from agents.runtime.tools.reading import LONGEST_ADDRESS_CHARS, LONGEST_SUBJECT_CHARS
from agents.runtime.tools.results import ROOM_CHARS, cut, fitting, from_outside, short
from agents.runtime.tools.tool import Answer, Desk, Refusal, Tool

LONGEST_DRAFT_CHARS = 6_000
# The newest letter of a thread gets half of the room, the others share what it leaves.
NEWEST_LETTER_ROOM = ROOM_CHARS // 2
OLDER_LETTER_ROOM = 2_500


class ListLeads(Arguments):
    pass


class ReadThread(Arguments):
    thread_id: Annotated[GmailId, Field(description="A thread_id that list_leads gave.")]


class SaveDraft(Arguments):
    thread_id: Annotated[GmailId, Field(description="The lead's thread_id.")]
    lead_email: Annotated[Email, Field(description="The lead's email. The draft is addressed to it.")]
    subject: Annotated[str, Field(min_length=1, max_length=200), LINE]
    body: Annotated[str, Field(min_length=1, max_length=LONGEST_DRAFT_CHARS, description="Plain text."), TEXT]


def _list_leads(desk: Desk, arguments: ListLeads) -> Answer:
    rows = fitting(_lead_row(lead) for lead in desk.store.leads.waiting(desk.lot.leads))
    content: dict[str, Any] = {"leads": rows}
    if rows:
        content = from_outside(desk.mark, content)
    return Answer(content=content, outcome=Outcome.DONE if rows else Outcome.EMPTY, counts={"leads": len(rows)})


def _read_thread(desk: Desk, arguments: ReadThread) -> Answer:
    _require_thread(desk, arguments.thread_id)
    conversation = desk.mailbox.thread(arguments.thread_id, desk.patience)
    letters = list(conversation.letters) if conversation else []
    left_out = conversation.left_out if conversation else 0
    newest_first = [
        _letter_row(letter, room=OLDER_LETTER_ROOM if older else NEWEST_LETTER_ROOM)
        for older, letter in enumerate(reversed(letters))
    ]
    rows = fitting(newest_first)[::-1]
    content: dict[str, Any] = {"thread_id": arguments.thread_id, "messages": rows}
    if rows:
        content = from_outside(desk.mark, content)
    if left_out := left_out + len(letters) - len(rows):
        content["cut"] = f"{left_out} older messages are left out."
    return Answer(content=content, outcome=Outcome.DONE if rows else Outcome.EMPTY, counts={"messages": len(rows)})


def _save_draft(desk: Desk, arguments: SaveDraft) -> Answer:
    lead = _require_lead(desk, arguments.lead_email)
    _require_thread(desk, arguments.thread_id)
    if not desk.store.mail.thread_is_of(
        arguments.thread_id, gmail_id=lead.evidence_message_id, address=lead.email.lower()
    ):
        raise Refusal(
            Outcome.FOREIGN_THREAD, "This thread is not that lead's. Use the thread_id that list_leads gave with it."
        )
    saved = desk.store.drafts.save(
        Draft(
            thread_id=arguments.thread_id,
            lead_id=lead.id,
            recipient=lead.email,
            subject=arguments.subject,
            body=arguments.body,
        )
    )
    if saved is Saved.DECIDED:
        raise Refusal(Outcome.DECIDED, "A person has decided on this thread's draft. It stays as it is: leave it.")
    if saved is Saved.OTHER_LEAD:
        raise Refusal(Outcome.OTHER_LEAD, "This thread's draft is addressed to another lead. It stays: leave it.")
    content = {"draft": arguments.thread_id, "result": saved.value}
    return Answer(content=content, outcome=Outcome(saved.value), counts={"characters": len(arguments.body)})


def _require_lead(desk: Desk, email: str) -> StoredLead:
    lead = desk.store.leads.get(email)
    if lead is None:
        raise Refusal(Outcome.NOT_FOUND, "There is no lead with this lead_email. Use an email that list_leads gave.")
    return lead


def _require_thread(desk: Desk, thread_id: str) -> None:
    if not desk.store.mail.has_thread(thread_id):
        raise Refusal(Outcome.NOT_FOUND, "There is no such thread. Use a thread_id that list_leads gave.")


def _lead_row(lead: WaitingLead) -> dict[str, Any]:
    texts = {"name": lead.name, "company": lead.company, "intent": lead.intent}
    return {
        "email": short(one_line(lead.email), LONGEST_ADDRESS_CHARS),
        "thread_id": lead.thread_id,
        **{name: short(one_line(text), 300) for name, text in texts.items()},
        "score": lead.score,
        "has_draft": False,
    }


def _letter_row(letter: Letter, *, room: int) -> dict[str, Any]:
    message = letter.message
    return {
        "gmail_id": message.gmail_id,
        "received_at": message.received_at.isoformat(timespec="minutes"),
        "sender": short(one_line(message.sender), LONGEST_ADDRESS_CHARS),
        "subject": short(one_line(message.subject), LONGEST_SUBJECT_CHARS),
        "text": cut(some_lines(letter.body), room=room),
    }


TOOLS = (
    Tool(
        name="list_leads",
        description="The leads of this run that wait for a draft, the most promising first, each with its thread.",
        arguments=ListLeads,
        run=_list_leads,
    ),
    Tool(
        name="read_thread",
        description="The messages of a lead's thread, oldest first.",
        arguments=ReadThread,
        run=_read_thread,
    ),
    Tool(
        name="save_draft",
        description="Stores the answer for a thread, addressed to its lead. Replaces one that nobody has decided on.",
        arguments=SaveDraft,
        run=_save_draft,
        writes=True,
    ),
)
