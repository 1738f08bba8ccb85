"""What is in an archive of a customer's data: each kind of thing as JSON, complete, and as CSV, for a spreadsheet."""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from agents.workspace.models import Activity, Brief, Draft, InboxMessage, Lead, Profile
from openclaw_site.tables import csv_line
from tenants.models import Customer, Membership

Rows = Callable[[Customer], QuerySet[Any]]

# By file: what it is, where it comes from, and what of it.
PARTS: Final[dict[str, tuple[str, Rows, tuple[str, ...]]]] = {
    "leads": (
        "Who may buy, as Scout found them",
        lambda customer: Lead.objects.order_by("created_at", "id"),
        ("id", "name", "company", "email", "intent", "score", "evidence_message_id", "created_at", "updated_at"),
    ),
    "drafts": (
        "What Writer proposed, and what you made of it",
        lambda customer: Draft.objects.order_by("created_at", "id"),
        ("id", "lead_id", "recipient", "subject", "body", "status", "decided_by", "decided_at", "edited_by",
         "gmail_thread_id", "gmail_state", "created_at", "updated_at"),
    ),
    "messages": (
        "Envelopes of the messages that the agents read, with Butler's classes; their text stays in Gmail",
        lambda customer: InboxMessage.objects.order_by("received_at", "id"),
        ("id", "gmail_id", "thread_id", "sender", "recipient", "subject", "snippet", "label_ids", "category",
         "urgency", "needs_reply", "received_at", "created_at"),
    ),
    "briefs": (
        "Butler's reports by day",
        lambda customer: Brief.objects.order_by("day"),
        ("day", "body", "created_at", "updated_at"),
    ),
    "activity": (
        "What the agents did, and what was refused to them",
        lambda customer: Activity.objects.exclude(kind="usage").order_by("created_at", "id"),
        ("created_at", "agent_role", "agent_run_id", "kind", "summary", "data"),
    ),
    "profile": (
        "Your tone and the facts about your business",
        lambda customer: Profile.objects.order_by("created_at"),
        ("tone", "facts", "updated_at"),
    ),
    "members": (
        "Who may read these pages",
        lambda customer: Membership.objects.filter(tenant=customer).order_by("user__email"),
        ("user__email", "role", "created_at"),
    ),
}  # fmt: skip
_NAMES: Final = {"user__email": "email"}


def archive_write(file: IO[bytes], *, customer: Customer, done: Callable[[], None]) -> None:
    """The whole archive stands in `file`, which ends there. `done` is called after each part. Customer's context."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        numbers = {}
        for name, (_, rows, fields) in PARTS.items():
            numbers[name] = _part(archive, name, rows(customer), fields)
            done()
        archive.writestr("README.txt", _readme(customer, numbers))
        done()


def _part(archive: zipfile.ZipFile, name: str, rows: QuerySet[Any], fields: tuple[str, ...]) -> int:
    """Both files of a kind, from one reading; how many there are. Nothing is held in memory but a lot of rows."""
    names, number = [_NAMES.get(field, field) for field in fields], 0
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as table:
        table.write("\ufeff" + csv_line(names))
        with archive.open(f"{name}.json", "w") as listing:
            listing.write(b"[")
            for values in _read(rows, fields):
                row = dict(zip(names, values, strict=True))
                listing.write((",\n" if number else "\n").encode() + _json(row, indent=None).encode())
                table.write(csv_line(_cell(value) for value in values))
                number += 1
            listing.write(b"\n]\n")
        table.seek(0)
        with archive.open(f"{name}.csv", "w") as target:
            while text := table.read(65_536):
                target.write(text.encode())
    return number


def _read(rows: QuerySet[Any], fields: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    with transaction.atomic():  # A cursor on the server lasts as long as its transaction.
        yield from rows.values_list(*fields).iterator(chunk_size=500)


def _cell(value: Any) -> Any:
    return _json(value) if isinstance(value, dict | list) else value


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=indent)


def _readme(customer: Customer, numbers: dict[str, int]) -> str:
    lines = [f"  {name + '.json, ' + name + '.csv':32} {numbers[name]:>7}  {PARTS[name][0]}" for name in PARTS]
    return "\n".join(
        [
            f"What is kept of {customer.name} ({customer.host}), as of {timezone.now():%Y-%m-%d %H:%M} UTC.",
            "",
            *lines,
            "",
            "The JSON files are complete. The CSV files hold the same for spreadsheets: UTF-8, times in UTC. A cell",
            "that a spreadsheet could take for a formula has an apostrophe in front.",
            "",
            "Your mail itself is in Gmail. The permission to read it is not in this archive.",
            "",
        ]
    )
