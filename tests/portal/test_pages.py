"""What members read: each page, its empty state; nothing of another customer gets through, nor does HTML in mail."""

import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.workspace.models import Profile
from tenants.isolation.context import enter_customer
from tenants.models import Customer
from tests.portal.factories import (
    fill,
    make_activity,
    make_brief,
    make_draft,
    make_lead,
    make_message,
)
from tests.portal.pages import text_of, words_of

PAGES = ["/", "/messages/", "/leads/", "/drafts/", "/briefs/", "/profile/", "/activity/"]
LISTS = ["/messages/", "/leads/", "/drafts/", "/briefs/", "/activity/"]
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


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
