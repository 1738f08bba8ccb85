"""What the stub model does next for each role. Owns the order of the work; how a mail is read is `mail`'s.

Like the real one it is told nothing but the conversation: each answer follows from the tools and results in it.
"""

from dataclasses import dataclass

from .conversation import Call, Conversation
from .mail import Mail
from .writing import brief, classification, draft, lead, mail_of, thread_of

BATCH = 8  # calls an answer


@dataclass(frozen=True, kw_only=True)
class Move:
    """One answer: words, and the tools it calls; without calls it is the last."""

    text: str
    calls: tuple[Call, ...] = ()


def next_move(talk: Conversation) -> Move:
    """The answer to a conversation, by the role that its tools belong to."""
    if "save_draft" in talk.tools:
        return _writer(talk)
    if "upsert_lead" in talk.tools:
        return _scout(talk)
    if "write_brief" in talk.tools:
        return _butler(talk)
    return Move(text="I have no tools for this work.")


def mails(talk: Conversation) -> list[Mail]:
    """The mails listed so far, oldest first, each with its text where it was read."""
    listed = {
        str(row["gmail_id"]): row for call in talk.of("list_messages") for row in call.records() if row.get("gmail_id")
    }
    for call in talk.of("read_message"):
        if call.failed:
            continue
        row = next((row for row in call.records() if "body" in row or "text" in row), {"text": call.result})
        number = str(call.arguments.get("gmail_id", ""))
        listed[number] = {**listed.get(number, {}), **row}
    return sorted((mail_of(number, row) for number, row in listed.items()), key=lambda mail: mail.received_at)


def _butler(talk: Conversation) -> Move:
    if start := _open_inbox(talk):
        return start
    done = {str(call.arguments.get("gmail_id")) for call in talk.of("classify_message")}
    read = [mail for mail in mails(talk) if mail.gmail_id in _read_ids(talk)]
    calls = [("classify_message", classification(talk, mail)) for mail in read if mail.gmail_id not in done][:BATCH]
    calls += _unread(talk)
    if calls:
        return Move(text="I read on and say what each mail is.", calls=tuple(calls))
    if not talk.of("write_brief"):
        return Move(text="All are read; I write the brief.", calls=(("write_brief", {"body": brief(read)}),))
    return Move(text=f"I classified {len(read)} messages and wrote the brief.")


def _scout(talk: Conversation) -> Move:
    if start := _open_inbox(talk):
        return start
    if calls := _unread(talk):
        return Move(text="I read what is new.", calls=tuple(calls))
    prospects = {mail.address: mail for mail in mails(talk) if mail.kind == "inquiry" and mail.address}
    done = {str(call.arguments.get("email")) for call in talk.of("upsert_lead")}
    found = [("upsert_lead", lead(mail)) for address, mail in prospects.items() if address not in done][:BATCH]
    if found:
        return Move(text="These look like business.", calls=tuple(found))
    return Move(text=f"I found {len(prospects)} leads in {len(mails(talk))} messages.")


def _writer(talk: Conversation) -> Move:
    if not talk.of("list_leads"):
        return Move(text="I look which leads want an answer.", calls=(("list_leads", {}),))
    rows = [row for call in talk.of("list_leads") for row in call.records() if row.get("email")]
    leads = {str(row["email"]): row for row in rows if thread_of(row) and not row.get("has_draft")}
    read = {str(call.arguments.get("thread_id")): call for call in talk.of("read_thread")}
    written = {str(call.arguments.get("thread_id")) for call in talk.of("save_draft")}
    unread = [thread_of(row) for row in leads.values() if thread_of(row) not in read]
    calls: list[Call] = [("read_thread", {"thread_id": thread}) for thread in unread[:BATCH]]
    for row in leads.values():
        if (call := read.get(thread_of(row))) and not call.failed and thread_of(row) not in written:
            calls.append(("save_draft", draft(row, call.records(), call.result)))
    if calls:
        return Move(text="I read the threads and write the answers.", calls=tuple(calls[: 2 * BATCH]))
    if talk.of("list_leads")[-1].has_more:
        return Move(text="There were more.", calls=(("list_leads", {}),))
    return Move(text=f"I wrote {len(written)} drafts for {len(leads)} leads.")


def _open_inbox(talk: Conversation) -> Move | None:
    listed = talk.of("list_messages")
    if not listed:
        return Move(text="I look at the inbox.", calls=(("list_messages", {}),))
    if listed[-1].failed:
        return Move(text="I could not look at all of the inbox.")
    if after := listed[-1].next_after:
        return Move(text="There is more.", calls=(("list_messages", {"after": after}),))
    return None if mails(talk) else Move(text="There is nothing new.")


def _read_ids(talk: Conversation) -> set[str]:
    return {str(call.arguments.get("gmail_id")) for call in talk.of("read_message")}


def _unread(talk: Conversation) -> list[Call]:
    read = _read_ids(talk)
    unread = [mail.gmail_id for mail in mails(talk) if mail.gmail_id not in read]
    return [("read_message", {"gmail_id": number}) for number in unread[:BATCH]]
