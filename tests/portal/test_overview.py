"""The first page: the newest brief, what waits, how the agents stand and what stands in their way."""

import html
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import Agent, AgentRun, Fleet
from tenants.isolation.context import enter_platform
from tenants.models import Customer, GmailConnection
from tests.portal.factories import (
    make_activity,
    make_brief,
    make_draft,
    make_message,
)
from tests.portal.pages import words_of


def test_overview_shows_the_newest_brief_and_what_waits(member: Client, customer: Customer) -> None:
    make_brief(customer, body="An old brief")
    make_brief(customer, body="The newest brief")
    make_draft(customer)
    make_draft(customer, status="approved")
    make_message(customer, needs_reply=False)
    words = words_of(member, "/")
    assert "The newest brief" in words
    assert "An old brief" not in words
    assert "1 draft for you to decide on" in words
    assert "2 messages that need a reply" in words
    assert "2 leads found" in words
    assert "3 messages read" in words


def run_of(customer: Customer, role: str, **fields: Any) -> Agent:
    agent = Agent.objects.create(tenant=customer, role=role)
    if fields:
        AgentRun.objects.create(tenant=customer, agent=agent, trigger="schedule", **fields)
    return agent


def test_overview_says_in_plain_words_how_the_agents_stand(member: Client, customer: Customer) -> None:
    ago = timezone.now() - timedelta(minutes=5)
    with enter_platform():
        run_of(customer, "butler", state="succeeded", stopped_at=ago)
        run_of(customer, "scout", state="failed", exit_code=67, stopped_at=ago)
        run_of(customer, "writer")
    words = words_of(member, "/").replace("\N{NO-BREAK SPACE}", " ")
    assert "Butler did its work 5 minutes ago." in words
    assert "Scout could not read the mailbox 5 minutes ago: Gmail has to be connected again." in words
    assert "Writer has not run yet." in words
    for staffs_word in ("exit code", "ECS", "Terraform", "task definition"):
        assert staffs_word not in words


LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)
SPENT = {"spent_budget_cents": 500, "next_run_at": datetime(timezone.now().year + 1, 12, 1, 0, 7, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("fields", "agent_fields", "words"),
    [
        ({"state": "running"}, {}, "is at work now"),
        ({"state": "starting"}, {}, "is about to begin"),
        ({"state": "failed", "exit_code": 77}, {}, "budget is used up"),
        ({"state": "failed", "stop_code": "SpotInterruption"}, {}, "goes on where it was with its next run"),
        ({"state": "failed"}, {"breaker_reason": "Five in a row: the ECS task died."}, "We have been told"),
        ({"state": "succeeded"}, {"desired_state": "stopped"}, "was stopped by us and rests until we start it"),
        ({"state": "failed", "exit_code": 77}, {**SPENT}, "rests until 1 December, because the month's budget"),
        ({"state": "failed", "exit_code": 77}, {**SPENT, "next_run_at": LONG_AGO}, "stopped just now, because"),
        ({"state": "succeeded"}, {"idle_at": timezone.now() + timedelta(hours=1)}, "found nothing to do"),
    ],
)
def test_standing_of_an_agent(
    member: Client, customer: Customer, fields: dict[str, Any], agent_fields: dict[str, Any], words: str
) -> None:
    with enter_platform():
        agent = run_of(customer, "butler", **fields)
        Agent.objects.filter(id=agent.id).update(**agent_fields)
    text = html.unescape(words_of(member, "/"))
    assert words in text
    assert "the ECS task died" not in text


def test_overview_says_when_gmail_or_a_pause_stands_in_the_way(member: Client, customer: Customer) -> None:
    assert "Gmail is not connected yet" in words_of(member, "/")
    with enter_platform():
        GmailConnection.objects.update(state="needs_reconnect")
    assert "Gmail has to be connected again" in words_of(member, "/")
    with enter_platform():
        run_of(customer, "butler", state="succeeded")
        Fleet.objects.update(paused_at=timezone.now(), reason="AWS is down")
    words = html.unescape(words_of(member, "/"))
    assert "Butler rests, because we have paused everybody's agents." in words
    assert "AWS" not in words
    with enter_platform():
        Customer.objects.filter(id=customer.id).update(paused_at=timezone.now())
    assert "Your agents are paused" in words_of(member, "/")


def test_overview_tells_what_the_last_runs_did_and_when_the_next_ones_are(member: Client, customer: Customer) -> None:
    now = timezone.now()
    with enter_platform():
        butler = run_of(customer, "butler", state="succeeded", started_at=now, stopped_at=now + timedelta(minutes=3))
        scout = run_of(customer, "scout", state="failed", stopped_at=now)
        Agent.objects.filter(id=butler.id).update(next_run_at=datetime(2999, 1, 2, 3, 4, tzinfo=UTC))
        run, failed = AgentRun.objects.get(agent=butler), AgentRun.objects.get(agent=scout)
    for outcome in ("created", "updated", "not_found"):
        make_activity(customer, agent_run_id=run.id, data={"tool": "classify_message", "outcome": outcome})
    make_activity(customer, agent_run_id=run.id, data={"tool": "write_brief", "outcome": "created"})
    make_activity(customer, agent_run_id=failed.id, kind="tool_refused", data={"tool": "save_draft"})
    words = words_of(member, "/")
    assert "Butler sorted 2 messages, wrote the brief" in words
    assert ", 3 min" in words
    assert "Looks again 2 Jan, 03:04 UTC." in words
    assert "Scout was refused a call" in words
    assert "Looks again within minutes." in words


def test_brief_of_today_is_called_so(member: Client, customer: Customer) -> None:
    make_brief(customer, day=timezone.now().date())
    assert "Today's brief" in html.unescape(words_of(member, "/"))
