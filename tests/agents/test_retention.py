"""What mail said is erased when the plan's time for it is over, and nothing else is."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.utils import timezone

from agents.services import customer_mail_erase, retention
from agents.tasks import customer_mail_erase as erase_task
from agents.tasks import mail_erase
from agents.workspace.models import Activity, Brief, Draft, InboxMessage, Lead, MailboxState, ModelUsage, Profile
from billing.models import Plan
from openclaw_site.devstack.world import World
from tenants.isolation.context import enter_customer
from tenants.models import Customer
from tests.agents.workspaces import make_customer_with_schema, spend, write
from tests.factories import make_customer

TABLES = (InboxMessage, Lead, Draft, Brief, Activity, ModelUsage)
SECRET = "zqx-mail-text"


@pytest.fixture(autouse=True)
def month() -> Iterator[Plan]:
    """A plan that keeps mail for 30 days; Team, which the others have, keeps it for 90."""
    yield Plan.objects.create(code="month", name="Month", price_cents=1, mail_retention_days=30)
    Plan.objects.filter(code="month").delete()


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def message(customer: Customer, days: float, **fields: Any) -> InboxMessage:
    """Received and stored so many days ago, unless it is said otherwise."""
    name = f"m{days}"
    values = {"gmail_id": name, "thread_id": name, "received_at": ago(days), "created_at": ago(days), **fields}
    found: InboxMessage = write(customer, InboxMessage, subject=SECRET, **values)
    return found


def lead(customer: Customer, name: str, days: float) -> Lead:
    found: Lead = write(customer, Lead, email=f"{name}@new.example", intent=SECRET, updated_at=ago(days))
    return found


def draft(customer: Customer, of: Lead | None, status: str, days: float, **fields: Any) -> Draft:
    values = {"gmail_thread_id": f"t{status}{days}", "body": SECRET, "updated_at": ago(days), **fields}
    found: Draft = write(customer, Draft, lead=of, status=status, **values)
    return found


def fill(customer: Customer, line: int) -> None:
    """Rows of every kind just older, and just younger, than `line` days."""
    for days in (line - 0.1, line + 0.1):
        message(customer, days)
        lead(customer, f"l{days}", days)
        draft(customer, None, "approved", days)
    today = timezone.now().date()
    for days in (line, line + 1):
        write(customer, Brief, day=today - timedelta(days=days), body=SECRET)
    for days in (399, 401):
        write(customer, Activity, agent_role="butler", kind="inbox_read", created_at=ago(days))
        spend(customer, 1_000, at=ago(days))


def counts(customer: Customer) -> list[int]:
    with enter_customer(customer.id):
        return [table.objects.count() for table in TABLES]


def test_each_plan_keeps_what_is_younger_than_its_line() -> None:
    short, long, other = (make_customer_with_schema(plan=plan) for plan in ("month", "team", "team"))
    fill(short, 30)
    fill(long, 90)
    fill(other, 90)
    assert customer_mail_erase(customer=short) == {
        "drafts": 1, "leads": 1, "inbox_messages": 1, "briefs": 1, "activities": 1,
    }  # fmt: skip
    assert counts(short) == [1, 1, 1, 1, 1, 2]  # What was used of the model is money, and stays.
    assert counts(long) == counts(other) == [2, 2, 2, 2, 2, 2]
    customer_mail_erase(customer=long)
    assert counts(long) == [1, 1, 1, 1, 1, 2]
    assert counts(other) == [2, 2, 2, 2, 2, 2]
    assert sum(customer_mail_erase(customer=short).values()) == 0


def test_what_team_keeps_a_shorter_plan_erases() -> None:
    customer = make_customer_with_schema(plan="team")
    message(customer, 60)
    assert customer_mail_erase(customer=customer)["inbox_messages"] == 0
    customer.plan = "month"
    assert customer_mail_erase(customer=customer)["inbox_messages"] == 1


def test_a_draft_goes_when_nobody_touched_it_and_its_lead_with_its_last_draft() -> None:
    customer = make_customer_with_schema(plan="month")
    forgotten, edited, decided, lately, both = (lead(customer, name, 300) for name in ("a", "b", "c", "d", "e"))
    draft(customer, forgotten, "pending", 31)
    draft(customer, edited, "pending", 29, created_at=ago(300))
    draft(customer, decided, "rejected", 300, decided_at=ago(200))
    draft(customer, lately, "approved", 301, decided_at=ago(5))
    draft(customer, both, "pending", 302)
    draft(customer, both, "pending", 5)
    erased = customer_mail_erase(customer=customer)
    assert (erased["drafts"], erased["leads"]) == (3, 2)
    with enter_customer(customer.id):
        assert set(Lead.objects.values_list("pk", flat=True)) == {edited.pk, lately.pk, both.pk}
        assert sorted(Draft.objects.values_list("status", flat=True)) == ["approved", "pending", "pending"]


def test_a_lead_of_which_something_new_is_known_outlives_its_drafts() -> None:
    customer = make_customer_with_schema(plan="month")
    draft(customer, lead(customer, "a", 3), "pending", 31)
    erased = customer_mail_erase(customer=customer)
    assert (erased["drafts"], erased["leads"]) == (1, 0)


def test_mail_that_was_old_when_it_was_first_seen_is_kept_from_then_on() -> None:
    customer = make_customer_with_schema(plan="month")
    message(customer, 400, created_at=ago(1))
    message(customer, 401, created_at=ago(31))
    assert customer_mail_erase(customer=customer)["inbox_messages"] == 1
    with enter_customer(customer.id):
        assert [one.gmail_id for one in InboxMessage.objects.all()] == ["m400"]


def test_a_draft_that_is_edited_while_the_round_is_at_it_stays(aws: World) -> None:
    customer = make_customer_with_schema(plan="month")
    old = draft(customer, None, "pending", 31)
    url, path = aws.environment()["DATABASE_ADMIN_URL"], f"-c search_path={customer.schema_name}"
    with psycopg.connect(url, options=path) as member:
        member.execute("UPDATE drafts SET updated_at = now() WHERE id = %s", (old.pk,))
        assert customer_mail_erase(customer=customer)["drafts"] == 0
    assert customer_mail_erase(customer=customer)["drafts"] == 0
    assert counts(customer)[2] == 1


def test_a_customers_profile_and_how_far_its_agents_read_stay() -> None:
    customer = make_customer_with_schema(plan="month")
    old = {"created_at": ago(500), "updated_at": ago(500)}
    write(customer, Profile, tone="Warm", **old)
    write(customer, MailboxState, agent_role="butler", history_id="17", **old)
    customer_mail_erase(customer=customer)
    with enter_customer(customer.id):
        assert (Profile.objects.count(), MailboxState.objects.count()) == (1, 1)


def test_more_than_a_batch_goes_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    customer = make_customer_with_schema(plan="month")
    for number in range(8):
        message(customer, 40 + number)
        lead(customer, f"l{number}", 40)
    erased = customer_mail_erase(customer=customer)
    assert (erased["inbox_messages"], erased["leads"]) == (8, 8)


def test_the_days_round_erases_for_everybody_and_says_numbers_only(
    eager: None, caplog: pytest.LogCaptureFixture
) -> None:
    active, paused = make_customer_with_schema(plan="month"), make_customer_with_schema(plan="month", state="paused")
    strange = make_customer_with_schema(plan="no-such-plan")
    bare = make_customer(state="active")
    for customer in (active, paused, strange):
        message(customer, 31)
        write(customer, Activity, agent_role="butler", kind="inbox_read", created_at=ago(401))
    with caplog.at_level(logging.INFO, "agents"):
        mail_erase()
        mail_erase()
    assert [counts(one)[0] for one in (active, paused, strange)] == [0, 0, 1]
    assert [counts(one)[4] for one in (active, paused, strange)] == [0, 0, 0]  # Their period is no plan's.
    lines = [record.getMessage() for record in caplog.records]
    assert f"Customer {active.id}: erased by age: drafts 0, leads 0, inbox_messages 1, briefs 0, activities 1." in lines
    assert f"The mail of customer {strange.id} was not erased by age: PlanMissing" in lines
    assert f"The mail of customer {bare.id} was not erased by age: ProgrammingError" in lines
    assert SECRET not in caplog.text


def test_a_customer_that_is_gone_is_no_trouble() -> None:
    erase_task("00000000-0000-0000-0000-000000000000")
