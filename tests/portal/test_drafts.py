"""What members do with drafts: read, edit, approve, reject; and what happens when two do it at once."""

import html
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from agents.runtime.config import read_config
from agents.runtime.store import open_store
from agents.runtime.store.drafts import Draft as AgentsDraft
from agents.runtime.store.drafts import Saved
from agents.workspace import services
from agents.workspace.compose_link import LONGEST_URL_CHARACTERS, compose_link
from agents.workspace.errors import DraftDecided
from agents.workspace.models import Draft
from tenants.isolation.context import enter_customer
from tenants.models import Customer
from tests.portal.factories import make_draft, make_lead, make_message, reload
from tests.portal.test_team import at_once
from tests.portal.visitors import make_member, visitor_of


def page_of(client: Client, draft: Draft) -> str:
    return str(client.get(f"/drafts/{draft.id}/").content.decode())


def act(client: Client, draft: Draft, action: str, **fields: Any) -> Any:
    """Press a button of the page as it was when `draft` was loaded."""
    data = {"subject": draft.subject, "body": draft.body, "seen": draft.updated_at.isoformat(), "action": action}
    return client.post(f"/drafts/{draft.id}/", {**data, **fields})


def change_meanwhile(draft: Draft, **fields: Any) -> None:
    """Somebody else writes the draft."""
    with enter_customer(draft.tenant_id):
        Draft.objects.filter(id=draft.id).update(updated_at=timezone.now(), **fields)


def test_draft_stands_beside_its_lead_and_the_message(member: Client, customer: Customer) -> None:
    message = make_message(customer, subject="We need a roof", snippet="It rains in")
    draft = make_draft(customer, lead=make_lead(customer, intent="A new roof", evidence_message_id=message.gmail_id))
    text = html.unescape(page_of(member, draft))
    for expected in (draft.subject, draft.body.strip(), draft.recipient, "A new roof", "We need a roof", "It rains in"):
        assert expected in text
    assert f"#all/{message.thread_id}" in text


def test_lists_by_status(member: Client, customer: Customer) -> None:
    drafts = {status: make_draft(customer, status=status) for status in ("pending", "approved", "rejected")}
    for status, draft in drafts.items():
        text = member.get(f"/drafts/?show={status}").content.decode()
        assert draft.subject in text
        assert all(other.subject not in text for other in drafts.values() if other is not draft)
    assert drafts["pending"].subject in member.get("/drafts/").content.decode()


@pytest.mark.parametrize(("action", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_decision_is_recorded_with_who_and_when(customer: Customer, action: str, status: str) -> None:
    user = make_member(customer)
    client, draft, before = visitor_of(customer, user), make_draft(customer), timezone.now()
    assert act(client, draft, action)["Location"] == f"/drafts/{draft.id}/"
    decided = reload(draft)
    assert (decided.status, decided.decided_by, decided.edited_by) == (status, user.email, "")
    assert decided.decided_at is not None
    assert before <= decided.decided_at <= timezone.now()
    text = page_of(client, draft)
    assert user.email in text
    assert f"{decided.decided_at:%H:%M} UTC" in text
    assert 'name="action"' not in text, "there is nothing left to decide"


def test_edit_is_kept_with_the_name_of_who_made_it(member: Client, customer: Customer) -> None:
    draft = make_draft(customer)
    assert act(member, draft, "save", subject=" Re:\n roof ", body="Mine.\r\nAll of it.").status_code == 302
    edited = reload(draft)
    assert (edited.status, edited.subject, edited.body) == ("pending", "Re: roof", "Mine.\nAll of it.")
    assert edited.edited_by
    assert edited.edited_by in page_of(member, draft)


def test_saving_without_a_change_leaves_the_draft_to_writer(member: Client, customer: Customer) -> None:
    draft = make_draft(customer)
    act(member, draft, "save", body=draft.body.replace("\n", "\r\n"))
    assert (reload(draft).edited_by, reload(draft).updated_at) == ("", draft.updated_at)


def test_what_is_approved_is_what_stood_in_the_form(member: Client, customer: Customer) -> None:
    draft = make_draft(customer)
    act(member, draft, "approve", body="Better.")
    approved = reload(draft)
    assert (approved.status, approved.body) == ("approved", "Better.")
    assert approved.edited_by == approved.decided_by


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"body": "  \n "}, "Write the answer"), ({"subject": ""}, "required"), ({"body": "x" * 20_001}, "at most")],
)
def test_text_that_is_not_in_order_is_refused_and_kept(
    member: Client, customer: Customer, fields: dict[str, str], words: str
) -> None:
    draft = make_draft(customer)
    for action in ("save", "approve"):
        reply = act(member, draft, action, **fields)
        assert reply.status_code == 422
        assert words in reply.content.decode()
    assert reload(draft).status == "pending"
    assert act(member, draft, "reject", **fields).status_code == 302


@pytest.mark.parametrize("fields", [{"action": "explode"}, {"seen": "nonsense"}, {"seen": ""}])
def test_nonsense_changes_nothing(member: Client, customer: Customer, fields: dict[str, str]) -> None:
    draft = make_draft(customer)
    assert act(member, draft, **{"action": "approve", **fields}).status_code == 422
    assert reload(draft) == draft
    assert reload(draft).status == "pending"


def test_who_decides_second_is_told_what_was_decided_and_by_whom(customer: Customer) -> None:
    anna = make_member(customer)
    first, second, draft = visitor_of(customer, anna), visitor_of(customer), make_draft(customer)
    act(first, draft, "reject")
    reply = act(second, draft, "approve", body="What I wrote.")
    assert reply.status_code == 409
    text = reply.content.decode()
    assert anna.email in text
    assert "rejected this draft" in text
    assert "What I wrote." in text, "the words of the slower one are not lost"
    assert (reload(draft).status, reload(draft).body) == ("rejected", draft.body)


@pytest.mark.parametrize(("action", "said"), [("approve", "Approved."), ("reject", "Rejected."), ("save", "Saved.")])
def test_second_click_on_a_button_is_no_second_decision(
    member: Client, customer: Customer, action: str, said: str
) -> None:
    draft = make_draft(customer)
    act(member, draft, action, body="Mine.")
    before = reload(draft)
    assert act(member, draft, action, body="Mine.").status_code == 302
    assert reload(draft) == before
    assert reload(draft).updated_at == before.updated_at
    text = page_of(member, draft)
    assert said in text
    assert "was not done" not in text


def test_own_earlier_decision_does_not_hide_that_another_text_or_decision_was_not_taken(
    member: Client, customer: Customer
) -> None:
    draft = make_draft(customer)
    act(member, draft, "approve", body="Mine.")
    assert act(member, draft, "approve", body="Mine, but better.").status_code == 409
    assert act(member, draft, "reject").status_code == 409
    assert (reload(draft).status, reload(draft).body) == ("approved", "Mine.")


def test_of_many_who_decide_at_once_one_wins(customer: Customer) -> None:
    draft, members = make_draft(customer), [make_member(customer) for _ in range(4)]
    results: list[str] = []

    def decide(number: int) -> None:
        seen, user = draft.updated_at, members[number]
        try:
            with enter_customer(customer.id):
                if number % 2:
                    services.draft_reject(draft_id=draft.id, seen=seen, member=user)
                else:
                    services.draft_approve(
                        draft_id=draft.id, seen=seen, subject=draft.subject, body=draft.body, member=user
                    )
            results.append(user.email)
        except DraftDecided as error:
            results.append(f"told of {error.draft.decided_by}")

    at_once(*[lambda number=number: decide(number) for number in range(4)])
    winner = reload(draft).decided_by
    assert sorted(results) == sorted([winner, *[f"told of {winner}"] * 3])


def test_of_two_who_approve_at_once_one_s_text_stands_and_the_other_keeps_theirs(customer: Customer) -> None:
    draft, members = make_draft(customer), [make_member(customer) for _ in range(2)]
    browsers = {user.email: visitor_of(customer, user) for user in members}
    replies: dict[str, Any] = {}

    def approve(email: str) -> None:
        replies[email] = act(browsers[email], draft, "approve", body=f"As {email} wrote it.")

    assert at_once(*[lambda email=email: approve(email) for email in browsers]) == ["done", "done"]
    assert sorted(reply.status_code for reply in replies.values()) == [302, 409]
    [winner] = [email for email, reply in replies.items() if reply.status_code == 302]
    [loser] = set(browsers) - {winner}
    stands = reload(draft)
    assert (stands.status, stands.decided_by, stands.edited_by) == ("approved", winner, winner)
    assert stands.body == f"As {winner} wrote it."
    told = replies[loser].content.decode()
    assert (winner in told, f"As {loser} wrote it." in told) == (True, True)


@pytest.mark.parametrize("action", ["save", "approve", "reject"])
def test_draft_that_writer_changed_meanwhile_is_not_written_over(
    member: Client, customer: Customer, action: str
) -> None:
    draft = make_draft(customer)
    change_meanwhile(draft, body="Writer's newer text.")
    reply = act(member, draft, action, body="My text.")
    assert reply.status_code == 409
    text = reply.content.decode()
    assert "by Writer" in text
    assert "My text." in text
    assert "Writer&#x27;s newer text." in text
    assert (reload(draft).status, reload(draft).body) == ("pending", "Writer's newer text.")
    again = text.split('name="seen" value="')[1].split('"')[0]
    assert act(member, draft, "save", body="My text.", seen=again).status_code == 302
    assert reload(draft).body == "My text."


def test_draft_that_another_member_changed_meanwhile_names_them(customer: Customer) -> None:
    anna = make_member(customer)
    first, second, draft = visitor_of(customer, anna), visitor_of(customer), make_draft(customer)
    act(first, draft, "save", body="Anna's.")
    text = act(second, draft, "save", body="Mine.").content.decode()
    assert f"by {anna.email}" in text
    assert "Anna&#x27;s." in text


def test_writer_leaves_alone_what_a_member_wrote_or_decided(
    member: Client, customer: Customer, agents_environ: dict[str, str]
) -> None:
    edited, decided, free = make_draft(customer), make_draft(customer), make_draft(customer)
    act(member, edited, "save", body="A member's words.")
    act(member, decided, "approve")

    def write(draft: Draft) -> Saved:
        with open_store(read_config(agents_environ)) as store:
            assert draft.lead_id is not None
            return store.drafts.save(
                AgentsDraft(
                    thread_id=draft.gmail_thread_id,
                    lead_id=draft.lead_id,
                    recipient=draft.recipient,
                    subject="Writer's",
                    body="Writer's second thought.",
                )
            )

    assert [write(draft) for draft in (edited, decided, free)] == [Saved.DECIDED, Saved.DECIDED, Saved.UPDATED]
    assert reload(edited).body == "A member's words."
    assert reload(free).body == "Writer's second thought."


def compose_of(text: str) -> dict[str, str]:
    """The fields of the compose link on the page."""
    address = html.unescape(text).split('href="https://mail.google.com/mail/?authuser=')
    link = next(one for one in address[1:] if "view=cm" in one.split('"')[0])
    return {key: values[0] for key, values in parse_qs("authuser=" + link.split('"')[0]).items()}


def test_approved_draft_opens_in_gmail_filled_in(member: Client, customer: Customer) -> None:
    draft = make_draft(customer, subject="Re: 100 % & more?", body="Grüße,\nOlivia + Söhne #1")
    assert "view=cm" not in page_of(member, draft), "not before it is approved"
    act(member, draft, "approve")
    assert compose_of(page_of(member, draft)) == {
        "authuser": customer.email,
        "view": "cm",
        "fs": "1",
        "to": draft.recipient,
        "su": "Re: 100 % & more?",
        "body": "Grüße,\r\nOlivia + Söhne #1",
    }


def test_draft_that_no_link_can_hold_is_offered_for_copying(member: Client, customer: Customer) -> None:
    body = "Ein längerer Brief. " * 400
    draft = make_draft(customer, body=body)
    act(member, draft, "approve")
    text = page_of(member, draft)
    fields = compose_of(text)
    assert "body" not in fields
    assert fields["to"] == draft.recipient
    assert "too long for a link" in text
    assert body in html.unescape(text.split("<textarea")[1])


def test_rejected_draft_goes_nowhere(member: Client, customer: Customer) -> None:
    draft = make_draft(customer)
    act(member, draft, "reject")
    assert "view=cm" not in page_of(member, draft)


@pytest.mark.parametrize("length", [LONGEST_URL_CHARACTERS - 400, LONGEST_URL_CHARACTERS + 1])
def test_no_compose_link_is_longer_than_gmail_takes(length: int) -> None:
    link = compose_link(account="a@b.example", recipient="c@d.example", subject="s", body="x" * length)
    assert link.has_body == (length < LONGEST_URL_CHARACTERS)
    assert len(link.url) <= LONGEST_URL_CHARACTERS
    assert urlsplit(link.url).hostname == "mail.google.com"
