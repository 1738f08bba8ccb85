"""What members read: each page, its empty state; nothing of another customer gets through, nor does HTML in mail."""

import html
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.models import Agent, AgentRun, Fleet
from agents.runtime.tools import Outcome
from agents.runtime.tools.registry import TOOLS_OF_ROLE
from agents.workspace.models import Profile
from agents.workspace.words import TOOLS_OF, TURNED_DOWN
from tenants.isolation.context import enter_customer, enter_platform
from tenants.models import Customer, GmailConnection
from tests.portal.factories import (
    fill,
    make_activity,
    make_brief,
    make_draft,
    make_lead,
    make_message,
)

PAGES = ["/", "/messages/", "/leads/", "/drafts/", "/briefs/", "/profile/", "/activity/"]
LISTS = ["/messages/", "/leads/", "/drafts/", "/briefs/", "/activity/"]
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


def text_of(client: Client, path: str) -> str:
    reply = client.get(path)
    assert reply.status_code == 200, path
    return str(reply.content.decode())


def words_of(client: Client, path: str) -> str:
    """What a person reads, in one line."""
    body = text_of(client, path).split("<body", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.mark.parametrize("path", PAGES)
def test_members_see_their_own_customers_rows_and_never_anothers(
    member: Client, customer: Customer, other: Customer, path: str
) -> None:
    ours, theirs = make_lead(customer, name="Ours hush"), make_lead(other, name="Theirs hush")
    for one, lead, word in ((customer, ours, "OURS"), (other, theirs, "THEIRS")):
        make_message(one, subject=f"{word} message")
        make_draft(one, lead=lead, subject=f"{word} draft")
        make_brief(one, body=f"{word} brief")
        make_activity(one, kind="other", summary=f"{word} activity", data={})
        with enter_customer(one.id):
            Profile.objects.create(tenant_id=one.id, tone=f"{word} tone", facts="")
    text = text_of(member, path)
    assert "THEIRS" not in text
    assert "Theirs" not in text
    assert "OURS" in text or "Ours" in text


def test_draft_of_another_customer_does_not_exist(member: Client, other: Customer) -> None:
    draft = make_draft(other)
    for path in (f"/drafts/{draft.id}/", f"/drafts/{draft.id}/gmail/", f"/drafts/{uuid.uuid4()}/"):
        assert member.get(path).status_code == 404
        data = {"action": "approve", "subject": "x", "body": "x", "seen": draft.updated_at.isoformat()}
        assert member.post(path, data).status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_not_kept_by_anybody(member: Client, path: str) -> None:
    assert "no-store" in member.get(path)["Cache-Control"]


@pytest.mark.parametrize("path", PAGES)
def test_mail_is_never_html(member: Client, customer: Customer, path: str) -> None:
    message = make_message(customer, sender=ATTACK, subject=ATTACK, snippet=ATTACK, category=ATTACK, urgency="high")
    lead = make_lead(
        customer, name=ATTACK, company=ATTACK, intent=ATTACK, email=ATTACK, evidence_message_id=message.gmail_id
    )
    make_draft(customer, lead=lead, subject=ATTACK, body=ATTACK, recipient=ATTACK)
    make_brief(customer, body=ATTACK)
    make_activity(customer, agent_role=ATTACK, kind="other", summary=ATTACK, data={"tool": ATTACK})
    with enter_customer(customer.id):
        Profile.objects.create(tenant_id=customer.id, tone=ATTACK, facts=ATTACK)
    text = text_of(member, path).lower()
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "alert(1)" in text


@pytest.mark.parametrize("status", ["pending", "approved", "rejected"])
def test_mail_is_never_html_on_the_page_of_a_draft(member: Client, customer: Customer, status: str) -> None:
    message = make_message(customer, sender=ATTACK, subject=ATTACK, snippet=ATTACK, thread_id=ATTACK)
    lead = make_lead(
        customer, name=ATTACK, company=ATTACK, intent=ATTACK, email=ATTACK, evidence_message_id=message.gmail_id
    )
    draft = make_draft(
        customer,
        lead=lead,
        subject=ATTACK,
        body=ATTACK * 300,
        recipient=ATTACK,
        status=status,
        decided_by=ATTACK,
        edited_by=ATTACK,
        decided_at=timezone.now(),
        gmail_state="failed",
        gmail_note=ATTACK,
    )
    text = text_of(member, f"/drafts/{draft.id}/").lower()
    assert "<script>alert" not in text
    assert "<img" not in text
    assert 'href="javascript' not in text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "The first appears here after its first run"),
        ("/", "are made when Gmail is connected"),
        ("/messages/", "as soon as Gmail is connected"),
        ("/messages/?show=reply", "Nothing waits for a reply"),
        ("/messages/?show=urgent", "Nothing is urgent"),
        ("/leads/", "No lead was found yet"),
        ("/drafts/", "nothing is sent without you"),
        ("/drafts/?show=approved", "approved nothing yet"),
        ("/drafts/?show=rejected", "rejected nothing yet"),
        ("/briefs/", "The first appears here"),
        ("/activity/", "from its first run on"),
        ("/activity/?show=refused", "Nothing was refused"),
        ("/profile/", "Nothing is written yet"),
    ],
)
def test_empty_pages_say_what_will_stand_there_and_when(member: Client, path: str, words: str) -> None:
    assert words in words_of(member, path)


@pytest.mark.parametrize("path", LISTS)
def test_lists_take_as_many_queries_with_many_rows_as_with_few(member: Client, customer: Customer, path: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(member, path)
        return len(captured)

    fill(customer)
    few = queries()
    for _ in range(12):
        fill(customer)
    assert queries() == few <= 9


def test_lists_come_in_pages(member: Client, customer: Customer) -> None:
    for _ in range(26):
        make_message(customer, needs_reply=True)
    first, second = words_of(member, "/messages/?show=reply"), words_of(member, "/messages/?show=reply&page=2")
    assert "Page 1 of 2" in first
    assert first.count("Snippet hush") == 25
    assert second.count("Snippet hush") == 1
    assert "show=reply&amp;page=2" in text_of(member, "/messages/?show=reply")
    for nonsense in ("0", "-1", "999", "x", "1.5"):
        assert member.get(f"/messages/?page={nonsense}&show=nonsense").status_code == 200


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


def test_messages_show_class_urgency_and_whether_a_reply_is_needed(member: Client, customer: Customer) -> None:
    make_message(customer, subject="Leaking roof", category="complaint", urgency="high", needs_reply=True)
    make_message(customer, subject="Unsorted", category="", urgency="", needs_reply=None, classified_at=None)
    words = words_of(member, "/messages/")
    assert re.search(r"Leaking roof .*Complaint .*Urgent .*Needs a reply", words)
    assert re.search(r"Unsorted .*Not sorted yet", words)
    assert "Leaking roof" in words_of(member, "/messages/?show=urgent")
    assert "Unsorted" not in words_of(member, "/messages/?show=urgent")


def test_leads_show_score_evidence_and_the_way_to_their_draft(member: Client, customer: Customer) -> None:
    message = make_message(customer, subject="We need a roof")
    hot = make_lead(customer, name="Mia Hot", score=95, evidence_message_id=message.gmail_id)
    draft = make_draft(customer, lead=hot)
    make_lead(customer, name="Max Cold", score=5, evidence_message_id="gone")
    text, words = text_of(member, "/leads/"), words_of(member, "/leads/")
    assert words.index("Mia Hot") < words.index("Max Cold")
    assert re.search(r"Mia Hot .*95 .*From “We need a roof”.*Decide on the draft", words)
    assert f'href="/drafts/{draft.id}/"' in text
    assert re.search(r"Max Cold .*No draft yet", words)


def test_briefs_stand_by_day_the_newest_first(member: Client, customer: Customer) -> None:
    make_brief(customer, day="2026-11-02", body="Monday's\nsecond line")
    make_brief(customer, day="2026-11-03", body="Tuesday's")
    words = words_of(member, "/briefs/")
    assert words.index("Tuesday, 3 November 2026") < words.index("Monday, 2 November 2026")


def test_activity_tells_what_was_done_and_refused_and_leaves_out_costs(member: Client, customer: Customer) -> None:
    make_activity(customer)
    make_activity(customer, kind="inbox_read", summary="Stored 1 new message.", data={"new": 1, "total": 3})
    make_activity(customer, kind="usage", summary="Usage since the last report.", data={"seconds": 3})
    make_activity(customer, agent_role="scout", kind="tool_refused", data={"tool": "save_draft"})
    make_activity(customer, agent_role="scout", kind="tool_refused", data={"tool": "unknown"})
    make_activity(
        customer, agent_role="writer", data={"tool": "save_draft", "outcome": "decided"}, summary="Called save_draft."
    )
    make_activity(customer, kind="brand_new", summary="Swept the yard.", data={})
    words = words_of(member, "/activity/")
    for expected in (
        "Sorted a message.",
        "Took in a new message.",
        "Asked to write a draft, which is another agent's work. It was refused, and nothing happened.",
        "Asked for what no agent may do.",
        "Wanted to write a draft; nothing was done, because a member had decided already.",
        "Swept the yard.",
    ):
        assert expected in words.replace("&#x27;", "'"), expected
    assert "Usage" not in words
    refused = words_of(member, "/activity/?show=refused")
    assert "Sorted" not in refused
    assert "another agent" in refused


@pytest.mark.parametrize(
    ("kind", "role", "data", "said"),
    [
        ("engine_ran", "butler", {"outcome": "ok", "items": 3}, "Went over 3 messages."),
        ("engine_ran", "writer", {"outcome": "ok", "items": 1}, "Went over a lead."),
        (
            "engine_ran",
            "scout",
            {"outcome": "engine_looped", "items": 3},
            "Broke off its work, because it went in circles. What it had done by then stands; it goes on with its next "
            "run.",
        ),
        ("engine_ran", "scout", {"outcome": "engine_failed", "items": 3}, "Broke off its work. What it had"),
        (
            "passed_over",
            "scout",
            {"gmail_ids": ["m1"], "leads": []},
            "Left out a message that made it go in circles. Please look at it yourself.",
        ),
        ("passed_over", "writer", {"gmail_ids": [], "leads": 2}, "Left out 2 leads that made it go in circles."),
        (
            "tool_refused",
            "scout",
            {"tool": "save_draft", "times": 3},
            "Asked 3 times to write a draft, which is another agent's work.",
        ),
        ("tool_refused", "scout", {"tool": "exec", "times": 2}, "Asked 2 times for what no agent may do."),
        (
            "tool_refused",
            "writer",
            {"tool": "save_draft", "times": 1},
            "Wanted to write a draft; it was refused, because what it gave was not in order.",
        ),
        (
            "tool_called",
            "scout",
            {"tool": "upsert_lead", "outcome": "not_evident"},
            "Wanted to note a lead; nothing was done, because no message from that address, or about it, shows it.",
        ),
        (
            "tool_called",
            "scout",
            {"tool": "upsert_lead", "outcome": "too_many"},
            "nothing was done, because it was more than one run may make.",
        ),
    ],
)
def test_activity_in_words(
    member: Client, customer: Customer, kind: str, role: str, data: dict[str, Any], said: str
) -> None:
    make_activity(customer, kind=kind, agent_role=role, data=data, summary="As staff read it.")
    words = html.unescape(words_of(member, "/activity/"))
    assert said in words
    assert "As staff read it" not in words


def test_every_tool_of_every_agent_and_every_way_that_it_fails_has_its_words() -> None:
    assert {role: set(tools) for role, tools in TOOLS_OF_ROLE.items()} == {
        role: set(tools) for role, tools in TOOLS_OF.items()
    }
    told_otherwise = {Outcome.REFUSED, Outcome.DATABASE_FAILED}
    failures = {outcome.value for outcome in Outcome if outcome.is_failure and outcome not in told_otherwise}
    assert failures <= set(TURNED_DOWN)


def test_pages_work_without_javascript(member: Client, customer: Customer) -> None:
    fill(customer)
    for path in PAGES:
        assert "<script" not in text_of(member, path), path


def test_one_page_asks_for_the_person_and_the_membership_once(member: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        member.get("/profile/")
    statements = [query["sql"] for query in captured.captured_queries if "SELECT" in query["sql"]]
    assert len([one for one in statements if "tenants_membership" in one]) == 1
    assert len([one for one in statements if 'FROM "tenants_user"' in one]) == 1


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
