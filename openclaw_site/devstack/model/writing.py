"""What the stub model writes: the arguments of the tools that leave something behind, and how tools show a mail."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from .conversation import Conversation, Json
from .mail import Mail

# The words a tool's schema may have for what `mail` found, the best first.
_CATEGORIES = {
    "suspicious": ("suspicious", "spam", "phishing", "junk", "other"),
    "newsletter": ("newsletter", "marketing", "promotion", "bulk", "other"),
    "invoice": ("invoice", "billing", "supplier", "finance", "other"),
    "complaint": ("complaint", "support", "customer", "other"),
    "notification": ("notification", "update", "updates", "supplier", "other"),
    "question": ("question", "customer", "inquiry", "enquiry", "other"),
    "inquiry": ("inquiry", "enquiry", "lead", "prospect", "sales", "customer", "other"),
    "other": ("other", "notification"),
}
_URGENCIES = {
    "high": ("high", "urgent", "today"),
    "normal": ("normal", "medium", "this_week", "week"),
    "low": ("low", "none", "later"),
}


def classification(talk: Conversation, mail: Mail) -> Json:
    """What classify_message takes, in the words that its schema allows."""
    return {
        "gmail_id": mail.gmail_id,
        "category": _word(_CATEGORIES[mail.kind], talk.choices("classify_message", "category")),
        "urgency": _word(_URGENCIES[mail.urgency], talk.choices("classify_message", "urgency")),
        "needs_reply": mail.needs_reply,
    }


def _word(wanted: Iterable[str], allowed: list[str]) -> str:
    """The first wanted word that is allowed; the last allowed one when none is."""
    words = list(wanted)
    return next((word for word in words if word in allowed), (allowed or words[:1])[-1])


def brief(read: list[Mail]) -> str:
    """Counts, then the subjects that want an answer."""
    kinds = Counter(mail.kind for mail in read)
    counts = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())
    lines = [f"{len(read)} new messages: {counts}."]
    for title, rows in (
        ("Answer today", [mail for mail in read if mail.needs_reply and mail.urgency == "high"]),
        ("Answer soon", [mail for mail in read if mail.needs_reply and mail.urgency != "high"]),
        ("Not trusted, left alone", [mail for mail in read if mail.kind == "suspicious"]),
    ):
        if rows:
            lines += ["", f"{title}:", *(f"- {mail.subject} ({mail.name})" for mail in rows)]
    return "\n".join(lines)


def lead(mail: Mail) -> Json:
    """What upsert_lead takes."""
    return {
        "name": mail.name,
        "company": mail.company,
        "email": mail.address,
        "intent": mail.intent,
        "score": mail.score,
        "evidence_message_id": mail.gmail_id,
    }


def draft(row: Json, thread: list[Json], plain: str) -> Json:
    """The answer to the newest mail of the lead in its thread."""
    email = str(row["email"])
    rows = [mail_of(str(part.get("gmail_id", "")), part) for part in thread]
    own = [mail for mail in rows if mail.address == email.lower()]
    mail = own[-1] if own else mail_of("", {"text": plain, "sender": f"{row.get('name', '')} <{email}>"})
    subject = (mail.subject or str(row.get("intent", ""))).removeprefix("Re: ")
    name = (str(row.get("name") or mail.name).split() or [email])[0]
    if mail.german:
        body = (
            f"Guten Tag {name},\n\nvielen Dank für Ihre Nachricht „{subject}“. Sie schreiben: „{mail.intent}“\n"
            "Dazu melden wir uns mit einem Vorschlag. Wann passt Ihnen ein kurzes Gespräch?\n\nMit freundlichen Grüßen"
        )
    else:
        body = (
            f'Hello {name},\n\nthank you for your message "{subject}". You write: "{mail.intent}"\n'
            "We would like to help with that. When would a short call suit you?\n\nKind regards"
        )
    return {"thread_id": thread_of(row), "lead_email": email, "subject": f"Re: {subject}", "body": body}


def mail_of(number: str, row: Json) -> Mail:
    """A mail from what the tools say of it."""
    return Mail(
        gmail_id=number,
        thread_id=thread_of(row),
        sender=_text(row, "sender", "from"),
        subject=_text(row, "subject"),
        text=_text(row, "body", "text", "snippet"),
        received_at=_text(row, "received_at"),
    )


def thread_of(row: Json) -> str:
    """The thread that a mail or a lead belongs to."""
    return _text(row, "thread_id", "gmail_thread_id")


def _text(row: Json, *names: str) -> str:
    values: Iterable[Any] = (row.get(name) for name in names)
    return next((str(value) for value in values if value), "")
