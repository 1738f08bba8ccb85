"""Rows in a customer's schema, as its agents leave them. `hush` stands in every text that is mail's."""

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from agents.workspace.models import Activity, Brief, Draft, InboxMessage, Lead
from tenants.isolation.context import enter_customer
from tenants.models import Customer

_numbers = itertools.count(1)
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def make_message(customer: Customer, **fields: Any) -> InboxMessage:
    """A message that Butler sorted."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "gmail_id": f"m{number}",
        "thread_id": f"t{number}",
        "sender": f"Sender {number} <s{number}@hush.example>",
        "recipient": customer.email,
        "subject": f"Subject hush {number}",
        "snippet": f"Snippet hush {number}",
        "received_at": NOW + timedelta(minutes=number),
        "category": "inquiry",
        "urgency": "normal",
        "needs_reply": True,
        "classified_at": NOW,
    }
    with enter_customer(customer.id):
        return InboxMessage.objects.create(tenant_id=customer.id, **{**values, **fields})


def make_lead(customer: Customer, **fields: Any) -> Lead:
    """A lead with the message that shows it, unless one is given."""
    number = next(_numbers)
    if "evidence_message_id" not in fields:
        fields["evidence_message_id"] = make_message(customer).gmail_id
    values: dict[str, Any] = {
        "name": f"Buyer hush {number}",
        "company": f"Firm hush {number}",
        "email": f"buyer{number}@hush.example",
        "intent": f"Wants a roof hush {number}",
        "score": 70,
    }
    with enter_customer(customer.id):
        return Lead.objects.create(tenant_id=customer.id, **{**values, **fields})


def make_draft(customer: Customer, **fields: Any) -> Draft:
    """A pending draft for a lead of its own, in the thread of the message that shows it."""
    number = next(_numbers)
    lead = fields.pop("lead", None) or make_lead(customer)
    with enter_customer(customer.id):
        message = InboxMessage.objects.filter(gmail_id=lead.evidence_message_id).first()
        values: dict[str, Any] = {
            "lead": lead,
            "subject": f"Re: hush {number}",
            "body": f"Dear hush {number},\n\nyes.\n",
            "gmail_thread_id": message.thread_id if message else "",
            "recipient": lead.email,
        }
        created = Draft.objects.create(tenant_id=customer.id, **{**values, **fields})
        return Draft.objects.get(id=created.id)


def make_brief(customer: Customer, **fields: Any) -> Brief:
    """A report on a day of its own."""
    number = next(_numbers)
    values: dict[str, Any] = {"day": (NOW + timedelta(days=number)).date(), "body": f"Brief hush {number}"}
    with enter_customer(customer.id):
        return Brief.objects.create(tenant_id=customer.id, **{**values, **fields})


def make_activity(customer: Customer, **fields: Any) -> Activity:
    """A call of a tool."""
    values: dict[str, Any] = {
        "agent_role": "butler",
        "agent_run_id": uuid.uuid4(),
        "kind": "tool_called",
        "summary": "Called classify_message: created.",
        "data": {"tool": "classify_message", "outcome": "created"},
    }
    with enter_customer(customer.id):
        return Activity.objects.create(tenant_id=customer.id, **{**values, **fields})


def reload(draft: Draft) -> Draft:
    """The draft as it stands now."""
    with enter_customer(draft.tenant_id):
        return Draft.objects.get(id=draft.id)


def fill(customer: Customer) -> None:
    """Some of everything."""
    make_draft(customer)
    make_brief(customer)
    make_activity(customer)
    make_activity(customer, kind="tool_refused", summary="Refused save_draft.", data={"tool": "save_draft"})
