"""What a member does with a draft. Each is one conditional UPDATE: it holds for the draft that the member saw, or not.

`seen` is the draft's `updated_at` on the member's page. Of two who decide at once one wins; the other learns what was
decided. Nothing here sends anything.
"""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from agents.workspace.errors import DraftChanged, DraftDecided
from agents.workspace.models import Draft, DraftStatus
from agents.workspace.services.gmail_drafts import enqueue, queued
from tenants.gmail.selectors import puts_drafts
from tenants.models import User


def draft_save(*, draft_id: uuid.UUID, seen: datetime, subject: str, body: str, member: User) -> Draft:
    """The draft has this text, which Writer no longer replaces. The same text as before changes nothing.

    Raises Draft.DoesNotExist, DraftDecided, DraftChanged.
    """
    draft = Draft.objects.get(id=draft_id)
    if draft.status == DraftStatus.PENDING and (draft.subject, draft.body) == (subject, body):
        return draft
    return _change(draft, seen, **_text(draft, subject, body, member))


def draft_approve(*, draft_id: uuid.UUID, seen: datetime, subject: str, body: str, member: User) -> Draft:
    """The draft is approved with this text, and is put into Gmail where the customer has asked for that.

    Raises Draft.DoesNotExist, DraftDecided, DraftChanged.
    """
    draft = Draft.objects.get(id=draft_id)
    goes_to_gmail = bool(draft.gmail_thread_id) and puts_drafts(customer_id=draft.tenant_id)
    changes = {
        **_text(draft, subject, body, member),
        **_decision(DraftStatus.APPROVED, member),
        **(queued() if goes_to_gmail else {}),
    }
    with transaction.atomic():
        try:
            approved = _change(draft, seen, **changes)
        except DraftDecided as error:
            return _repeated(error, DraftStatus.APPROVED, member, subject=subject, body=body)
        if goes_to_gmail:
            enqueue(approved)
    return approved


def draft_reject(*, draft_id: uuid.UUID, seen: datetime, member: User) -> Draft:
    """The draft is rejected; Writer writes no other one for its thread.

    Raises Draft.DoesNotExist, DraftDecided, DraftChanged.
    """
    try:
        return _change(Draft.objects.get(id=draft_id), seen, **_decision(DraftStatus.REJECTED, member))
    except DraftDecided as error:
        return _repeated(error, DraftStatus.REJECTED, member)


def _repeated(error: DraftDecided, status: DraftStatus, member: User, **text: str) -> Draft:
    """The draft, where the same member decided the same before, on the same text: a second click. Raises `error`."""
    draft = error.draft
    same = draft.status == status and draft.decided_by == member.email
    if same and all(getattr(draft, name) == value for name, value in text.items()):
        return draft
    raise error


def _change(draft: Draft, seen: datetime, **values: Any) -> Draft:
    open_and_seen = Draft.objects.filter(id=draft.id, status=DraftStatus.PENDING, updated_at=seen)
    changed = open_and_seen.update(updated_at=Now(), **values)
    current = Draft.objects.get(id=draft.id)
    if changed:
        return current
    raise DraftDecided(current) if current.status != DraftStatus.PENDING else DraftChanged(current)


def _text(draft: Draft, subject: str, body: str, member: User) -> dict[str, Any]:
    if (draft.subject, draft.body) == (subject, body):
        return {}
    return {"subject": subject, "body": body, "edited_by": member.email}


def _decision(status: DraftStatus, member: User) -> dict[str, Any]:
    return {"status": status, "decided_by": member.email, "decided_at": Now()}
