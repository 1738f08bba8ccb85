"""An approved draft's way into the customer's Gmail: claim, call, record. Customer's context.

Only a member's approval begins it. The agents have no part in it: their tokens read, and nothing calls them here.

Every way ends in a row that says what to do. Nothing sweeps the customers' schemas for drafts that got stuck: a row
that nobody moved for STUCK_AFTER is shown as one that is not in Gmail, and the member's button sends it on once more.
"""

import logging
import uuid
from datetime import timedelta
from typing import Any, Final

from celery.exceptions import OperationalError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from agents.workspace.errors import DraftHeld
from agents.workspace.models import Draft, DraftStatus, GmailDraftState
from openclaw_site.aws.errors import AwsError
from tenants.gmail.compose import DraftRefused, Placed
from tenants.gmail.google import ConsentGone, GmailTrouble
from tenants.gmail.selectors import puts_drafts
from tenants.gmail.services import draft_put
from tenants.models import Customer

logger = logging.getLogger(__name__)

# Longer than a claim's calls take with their timeouts; after it the claim's holder is believed to be dead.
CLAIM_HOLDS: Final = timedelta(minutes=2)


def gmail_draft_ask(*, draft_id: uuid.UUID) -> bool:
    """The approved draft is on its way into Gmail (again); False when it can't go there or is there. Safe to repeat."""
    draft = Draft.objects.get(id=draft_id)
    if not draft.gmail_thread_id or not puts_drafts(customer_id=draft.tenant_id):
        return False
    waiting = Draft.objects.filter(id=draft_id, status=DraftStatus.APPROVED).exclude(gmail_state=GmailDraftState.DONE)
    with transaction.atomic():
        asked = waiting.exclude(_held()).update(**queued())
        if asked:
            enqueue(draft)
    return bool(asked)


def queued() -> dict[str, Any]:
    """What a draft's row says from when it was asked for."""
    return {"gmail_state": GmailDraftState.QUEUED, "gmail_claimed_at": Now(), "gmail_note": ""}


def enqueue(draft: Draft) -> None:
    """After the commit a worker is told. With the broker away the draft says so, and a member can ask again."""
    transaction.on_commit(lambda: _tell(draft), robust=True)


def _tell(draft: Draft) -> None:
    from agents.workspace.tasks import gmail_draft_put as task

    try:
        task.delay(str(draft.tenant_id), str(draft.id))
    except (OperationalError, OSError) as error:
        logger.error("Draft %s of customer %s was not handed on: %s", draft.id, draft.tenant_id, type(error).__name__)
        gmail_draft_give_up(draft_id=draft.id, why="It could not be handed on just now.")


def gmail_draft_put(*, customer: Customer, draft_id: uuid.UUID) -> bool:
    """The approved draft lies in its thread in Gmail, and its row says so; whether this call brought it there.

    Safe to run twice, at once or after a death half-way: one claims it, and what an earlier claim left in Gmail is
    found again. What only a person can mend is recorded. Raises GmailTrouble or AwsError when another try may help (the
    draft is queued then), and DraftHeld while another call, or one that died just now, has it.
    """
    waiting = Q(gmail_state=GmailDraftState.QUEUED) | Q(gmail_state=GmailDraftState.PUTTING) & ~_held()
    claim = Draft.objects.filter(waiting, id=draft_id, status=DraftStatus.APPROVED)
    if not claim.update(gmail_state=GmailDraftState.PUTTING, gmail_claimed_at=Now()):
        if Draft.objects.filter(_held(), id=draft_id).exists():
            raise DraftHeld
        return False
    draft = Draft.objects.select_related("lead").get(id=draft_id)
    try:
        placed = draft_put(
            customer=customer,
            key=f"draft-{draft.id.hex}",
            thread_id=draft.gmail_thread_id,
            recipient=draft.recipient or (draft.lead.email if draft.lead else ""),
            subject=draft.subject,
            body=draft.body,
        )
    except ConsentGone as error:  # What it says to do next is for staff.
        _record(draft, GmailDraftState.FAILED, note=f"{error} Connect Gmail again, under Settings.")
        return False
    except DraftRefused as error:
        _record(draft, GmailDraftState.FAILED, note=f"{error} {error.next_action}")
        return False
    except (GmailTrouble, AwsError):
        _record(draft, GmailDraftState.QUEUED)
        raise
    except Exception:  # A fault of ours: the log has it, and the member is not left waiting.
        _record(draft, GmailDraftState.FAILED, note="Something failed on our side. Try again, or use the other way.")
        raise
    return _record(draft, GmailDraftState.DONE, note=_said_of(draft, placed), message_id=placed.message_id)


def gmail_draft_give_up(*, draft_id: uuid.UUID, why: str) -> None:
    """A draft that is still queued after the last try says that it is not in Gmail, and that a member can try again."""
    Draft.objects.filter(id=draft_id, gmail_state=GmailDraftState.QUEUED).update(
        gmail_state=GmailDraftState.FAILED, gmail_note=f"{why} Try again."
    )


def _said_of(draft: Draft, placed: Placed) -> str:
    """What is not as the member would expect; empty when all is."""
    if placed.thread_id != draft.gmail_thread_id:
        return "Gmail did not take it into its conversation: it lies by itself, among your drafts there."
    if placed.subject != draft.subject:
        return f"Its subject there is “{placed.subject}”, the conversation's: Gmail keeps no other one in it."
    return ""


def _held() -> Q:
    return Q(gmail_state=GmailDraftState.PUTTING, gmail_claimed_at__gt=Now() - CLAIM_HOLDS)


def _record(draft: Draft, state: GmailDraftState, *, note: str = "", message_id: str = "") -> bool:
    ours = Draft.objects.filter(
        id=draft.id, gmail_state=GmailDraftState.PUTTING, gmail_claimed_at=draft.gmail_claimed_at
    )
    return bool(ours.update(gmail_state=state, gmail_note=note, gmail_message_id=message_id))
