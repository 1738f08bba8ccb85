"""Which leads members see: searched, filtered, sorted, by the page, one by one, and as a table. Customer's context."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.paginator import Page
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.db.models.functions import Lower

from agents.workspace.models import Draft, DraftStatus, InboxMessage, Lead
from agents.workspace.selectors import page_of
from openclaw_site.tables import csv_line
from tenants.isolation.context import enter_customer

SORTS: Final[dict[str, tuple[str, tuple[Any, ...]]]] = {
    "score": ("Best score", ("-score", "-created_at", "id")),
    "newest": ("Newest first", ("-created_at", "id")),
    "oldest": ("Oldest first", ("created_at", "id")),
    "name": ("By name", (Lower("name"), "id")),
    "company": ("By company", (Lower("company"), "id")),
}
DRAFTS: Final = {"": "Any", "none": "No draft yet", **dict(DraftStatus.choices)}
COLUMNS: Final = ("name", "company", "e-mail", "wants", "score", "found", "changed", "message", "from", "draft")
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which leads; an empty value leaves nothing out."""

    q: str = ""
    score: int | None = None
    since: date | None = None
    until: date | None = None
    draft: str = ""
    sort: str = "score"


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead with the message that shows it and its newest draft."""

    lead: Lead
    evidence: InboxMessage | None
    draft: Draft | None


def leads_found(wanted: Wanted) -> QuerySet[Lead]:
    """The leads in their order. Each word of the search has to stand somewhere in the lead."""
    rows = Lead.objects.all()
    for word in wanted.q.split():
        rows = rows.filter(
            Q(name__icontains=word) | Q(email__icontains=word) | Q(company__icontains=word) | Q(intent__icontains=word)
        )
    if wanted.score is not None:
        rows = rows.filter(score__gte=wanted.score)
    if wanted.since is not None:
        rows = rows.filter(created_at__date__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(created_at__date__lte=wanted.until)
    drafts = Draft.objects.filter(lead_id=OuterRef("pk"))
    if wanted.draft == "none":
        rows = rows.filter(~Exists(drafts))
    elif wanted.draft:
        rows = rows.filter(Exists(drafts.filter(status=wanted.draft)))
    return rows.order_by(*SORTS.get(wanted.sort, SORTS["score"])[1])


def leads_page(*, wanted: Wanted, number: str) -> Page[Any]:
    """Rows of the leads that are wanted. Four queries."""
    page = page_of(leads_found(wanted), number)
    page.object_list = _rows(page.object_list)
    return page


def lead_row(*, lead_id: uuid.UUID) -> LeadRow:
    """One lead. Raises Lead.DoesNotExist."""
    return _rows([Lead.objects.get(id=lead_id)])[0]


def lead_drafts(*, lead: Lead) -> list[Draft]:
    """All drafts for the lead, the latest changed first."""
    return list(Draft.objects.filter(lead=lead).order_by("-updated_at", "id"))


def leads_csv(*, customer_id: uuid.UUID, wanted: Wanted) -> Iterator[str]:
    """The lines of a table of these leads, with a mark for spreadsheets that it is UTF-8.

    It is read while the response goes out, when the request's context has ended: each lot of leads enters the
    customer's anew, and none is entered while the browser takes its time. The order is that of the beginning.
    """
    yield "\ufeff" + csv_line(COLUMNS)
    with enter_customer(customer_id):
        ids = list(leads_found(wanted).values_list("id", flat=True))
    for begin in range(0, len(ids), _CHUNK):
        lot = ids[begin : begin + _CHUNK]
        with enter_customer(customer_id):
            rows = {row.lead.id: row for row in _rows(Lead.objects.filter(id__in=lot))}
        yield "".join(csv_line(_cells(rows[lead_id])) for lead_id in lot if lead_id in rows)


def _cells(row: LeadRow) -> tuple[Any, ...]:
    lead, evidence = row.lead, row.evidence
    return (
        lead.name,
        lead.company,
        lead.email,
        lead.intent,
        lead.score,
        lead.created_at.isoformat(timespec="seconds"),
        lead.updated_at.isoformat(timespec="seconds"),
        evidence.subject if evidence else "",
        evidence.sender if evidence else "",
        row.draft.get_status_display() if row.draft else "",
    )


def _rows(leads: Iterable[Lead]) -> list[LeadRow]:
    found = list(leads)
    drafts = Prefetch("drafts", queryset=Draft.objects.order_by("-updated_at"), to_attr="newest_drafts")
    prefetch_related_objects(found, drafts)
    wanted = {lead.evidence_message_id for lead in found if lead.evidence_message_id}
    evidence = {message.gmail_id: message for message in InboxMessage.objects.filter(gmail_id__in=wanted)}
    return [
        LeadRow(lead, evidence.get(lead.evidence_message_id), next(iter(lead.newest_drafts), None))  # type: ignore[attr-defined]
        for lead in found
    ]
