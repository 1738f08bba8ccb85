"""What the statements leave behind, on the real database as the agent's own role."""

import threading
import uuid
from datetime import UTC, date, datetime

import psycopg
import pytest

from agents.runtime.exits import Exit
from agents.runtime.failures import Failure
from agents.runtime.store import Activity, ModelUsage
from agents.runtime.store.drafts import Draft
from agents.runtime.store.leads import Lead
from tests.runtime.factories import make_message

LEAD = Lead(email="mia@new.example", name="Mia", company="New", intent="Roof", score=70, evidence_message_id="m1")


def keep(store, *numbers, **changes):
    with store.transaction():
        for number in numbers:
            store.mail.insert(make_message(number, **changes))


def make_draft(lead_id, **changes):
    values = {"thread_id": "t1", "recipient": "mia@new.example", "subject": "Re: Roof", "body": "Hello Mia"}
    return Draft(lead_id=lead_id, **{**values, **changes})


def test_unclassified_messages_come_oldest_first_and_page_by_page(store):
    keep(store, 3, 1, 2, 4)
    store.mail.classify("m2", category="inquiry", urgency="high", needs_reply=True)
    some = {"m1", "m2", "m3", "m4", "elsewhere"}
    assert [row.gmail_id for row in store.mail.unclassified(some, limit=2)] == ["m1", "m3"]
    assert [row.gmail_id for row in store.mail.unclassified(some, limit=2, after="m3")] == ["m4"]
    assert [row.gmail_id for row in store.mail.unclassified({"m2", "m4"}, limit=2)] == ["m4"]
    assert store.mail.unclassified(some, limit=2, after="unknown") == []


def test_messages_wait_for_each_role_until_it_went_over_them(store, open_as):
    keep(store, 2, 1, 3)
    assert store.mail.waiting(limit=2) == ["m1", "m2"]
    store.mail.gone_over(["m1", "m3", "elsewhere"])
    assert store.mail.waiting(limit=9) == ["m2"]
    with open_as("scout") as scout:
        assert scout.mail.waiting(limit=9) == ["m1", "m2", "m3"]


def test_messages_of_a_set_and_since_a_moment(store):
    keep(store, 1, 2, 3)
    assert [row.gmail_id for row in store.mail.among({"m3", "m1", "elsewhere"}, limit=9)] == ["m1", "m3"]
    since = make_message(2).received_at
    assert [row.gmail_id for row in store.mail.since(since, limit=9)] == ["m2", "m3"]


def test_last_class_counts(store, customer):
    keep(store, 1)
    assert store.mail.classify("m1", category="spam", urgency="low", needs_reply=False)
    assert store.mail.classify("m1", category="inquiry", urgency="high", needs_reply=True)
    assert customer.rows("inbox_messages", "category, urgency, needs_reply, classified_at IS NOT NULL") == [
        ("inquiry", "high", True, True)
    ]
    assert not store.mail.classify("m9", category="spam", urgency="low", needs_reply=False)


def test_same_lead_twice_is_one_row_left_alone(store, customer):
    assert store.leads.upsert(LEAD) == "created"
    before = customer.rows("leads")
    assert store.leads.upsert(LEAD) == "unchanged"
    assert customer.rows("leads") == before


def test_lead_keeps_what_the_newer_reading_does_not_say(store, customer):
    store.leads.upsert(LEAD)
    assert store.leads.upsert(Lead(email="MIA@new.example", intent="Two roofs")) == "updated"
    assert customer.rows("leads", "email, name, company, intent, score, evidence_message_id") == [
        ("mia@new.example", "Mia", "New", "Two roofs", 70, "m1")
    ]


def test_leads_wait_until_they_or_their_thread_have_a_draft(store):
    keep(store, 1, 2)
    keep(store, 3, thread_id="t2")
    for number, score in ((1, 20), (2, 90), (3, 80)):
        store.leads.upsert(Lead(email=f"s{number}@example.org", score=score, evidence_message_id=f"m{number}"))
    store.leads.upsert(Lead(email="nobody@example.org", evidence_message_id="m9"))
    assert waiting(store) == ["s2", "s3", "s1"]
    store.drafts.save(make_draft(store.leads.get("s2@example.org").id, thread_id="t2"))
    assert waiting(store) == ["s1"]


def test_lead_that_was_left_without_a_draft_waits_again_when_it_changed(store):
    keep(store, 1)
    store.leads.upsert(LEAD)
    store.leads.considered(store.leads.waiting_ids(limit=9), at=store.now())
    assert waiting(store) == []
    store.leads.upsert(LEAD)
    assert waiting(store) == []
    store.leads.upsert(Lead(email=LEAD.email, intent="Two roofs"))
    assert waiting(store) == ["mi"]


def waiting(store):
    """How the addresses begin of the leads that want a draft, the most promising first."""
    ids = store.leads.waiting_ids(limit=9)
    found = store.leads.waiting(ids)
    assert len(found) == len(ids)
    return [lead.email[:2] for lead in found]


def test_draft_is_replaced_while_pending(store, customer):
    store.leads.upsert(LEAD)
    lead_id = store.leads.get("Mia@New.example").id
    assert store.drafts.save(make_draft(lead_id)) == "created"
    assert store.drafts.save(make_draft(lead_id)) == "unchanged"
    assert store.drafts.save(make_draft(lead_id, body="Good day Mia")) == "updated"
    assert customer.rows("drafts", "body, status, lead_id, recipient") == [
        ("Good day Mia", "pending", lead_id, "mia@new.example")
    ]


@pytest.mark.parametrize("status", ["approved", "rejected"])
def test_draft_that_a_person_decided_on_stays(store, customer, status):
    store.leads.upsert(LEAD)
    lead_id = store.leads.get("mia@new.example").id
    store.drafts.save(make_draft(lead_id))
    customer.execute("UPDATE drafts SET status = %s", (status,))
    before = customer.rows("drafts")
    assert store.drafts.save(make_draft(lead_id, body="Another")) == "decided"
    assert customer.rows("drafts") == before


def test_decision_that_is_being_made_is_waited_for(store, customer, open_as):
    store.leads.upsert(LEAD)
    lead_id = store.leads.get("mia@new.example").id
    store.drafts.save(make_draft(lead_id))
    outcome = []

    def save():
        with open_as("writer") as other:
            outcome.append(other.drafts.save(make_draft(lead_id, body="Another")))

    thread = threading.Thread(target=save)
    with psycopg.connect(customer.admin_url, options=f"-c search_path=t_{customer.tenant}") as person:
        person.execute("UPDATE drafts SET status = 'approved'")
        thread.start()
        thread.join(0.3)
        assert outcome == []
    thread.join(10)
    assert outcome == ["decided"]
    assert customer.rows("drafts", "body, status") == [("Hello Mia", "approved")]


def test_draft_of_another_lead_in_the_thread_stays(store, customer):
    store.leads.upsert(LEAD)
    store.leads.upsert(Lead(email="max@new.example"))
    store.drafts.save(make_draft(store.leads.get("mia@new.example").id))
    assert store.drafts.save(make_draft(store.leads.get("max@new.example").id, body="Max")) == "other_lead"
    assert customer.rows("drafts", "body") == [("Hello Mia",)]


def test_brief_is_one_a_day(store, customer):
    assert store.briefs.write(day=date(2026, 5, 1), body="Quiet") == "created"
    assert store.briefs.write(day=date(2026, 5, 1), body="Quiet") == "unchanged"
    assert store.briefs.write(day=date(2026, 5, 1), body="Busy") == "updated"
    assert store.briefs.write(day=date(2026, 5, 2), body="Quiet") == "created"
    assert customer.rows("briefs", "day::text, body") == [("2026-05-01", "Busy"), ("2026-05-02", "Quiet")]


def test_month_counts_from_its_first_in_utc(store, customer):
    usage = ModelUsage(
        model="claude", calls=3, input_tokens=10, output_tokens=20, cache_read_tokens=30, cache_write_tokens=40,
        cost_micro_usd=500,
    )  # fmt: skip
    assert store.usage.month_cost_micro_usd() == 0
    store.usage.record(usage)
    store.usage.record(usage)
    columns = "agent_role, model, calls, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens"
    assert customer.rows("model_usage", columns)[0] == ("butler", "claude", 3, 10, 20, 30, 40)
    assert store.usage.month_cost_micro_usd() == 1000
    customer.execute("UPDATE model_usage SET created_at = '2026-04-30T23:59:59Z'")
    assert store.usage.month_cost_micro_usd(now=datetime(2026, 4, 30, 12, tzinfo=UTC)) == 1000
    assert store.usage.month_cost_micro_usd(now=datetime(2026, 5, 1, tzinfo=UTC)) == 0


def test_profile_is_empty_until_the_customer_wrote_one(store, customer):
    assert (store.profile().tone, store.profile().facts) == ("", "")
    values = (uuid.UUID(customer.tenant), "Warm", "Open on Mondays")
    customer.execute("INSERT INTO profiles (tenant_id, tone, facts) VALUES (%s, %s, %s)", values)
    assert (store.profile().tone, store.profile().facts) == ("Warm", "Open on Mondays")


def test_each_role_has_read_up_to_its_own_place(store, open_as):
    assert store.mailbox_state.history_id() is None
    store.mailbox_state.remember("100")
    store.mailbox_state.remember("120")
    with open_as("scout") as scout:
        assert scout.mailbox_state.history_id() is None
    assert store.mailbox_state.history_id() == "120"


def test_change_and_its_activity_are_written_together_or_not_at_all(store, customer):
    activity = Activity(kind="tool_called", summary="", data={"tool": "upsert_lead"})
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.leads.upsert(LEAD)
        store.activities.add(activity)
        _ = 1 / 0
    assert customer.rows("leads") == customer.rows("activities") == []
    with store.transaction():
        store.leads.upsert(LEAD)
        store.activities.add(activity)
    assert len(customer.rows("leads")) == len(customer.rows("activities")) == 1


def test_row_of_another_tenant_is_neither_seen_nor_written(store, customer, open_as):
    foreign = "INSERT INTO leads (tenant_id, email, name, company, intent, evidence_message_id)"
    customer.execute(foreign + " VALUES (%s, 'mia@new.example', '', '', '', '')", (uuid.uuid4(),))
    assert store.leads.get("mia@new.example") is None
    assert store.leads.upsert(LEAD) == "created"
    with pytest.raises(Failure) as caught, open_as() as other:
        other.leads._tenant = uuid.uuid4()
        other.leads.upsert(LEAD)
    assert caught.value.exit is Exit.DATABASE_UNREACHABLE
    assert "42501" in caught.value.detail
