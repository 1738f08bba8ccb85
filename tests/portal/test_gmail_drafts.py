"""An approved draft on its way into the customer's Gmail at the embedded Google: once, in its thread, and said so."""

import html
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
from celery.exceptions import Retry
from django.db import connections
from django.test import Client
from django.utils import timezone

from agents.workspace import services
from agents.workspace.errors import DraftHeld
from agents.workspace.models import Draft
from agents.workspace.tasks import gmail_draft_put
from openclaw_site.celery import app
from openclaw_site.devstack.google import Google
from openclaw_site.devstack.world import World
from tenants.gmail.google import GmailTrouble
from tenants.isolation.context import enter_customer, enter_platform
from tenants.models import Customer, GmailConnection
from tests.gmail.mail import drafts_of, found_message, header
from tests.gmail.test_draft_scope import connected_with_drafts
from tests.gmail.visit import MAILBOX, connected
from tests.portal.factories import make_draft, make_lead, make_message, reload
from tests.portal.test_drafts import act, page_of

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def google(world: World, customer: Customer) -> Iterator[Google]:
    """The embedded Google."""
    yield world.google
    world.google.gmail_fault = None
    world.google.withdraw(MAILBOX)


@pytest.fixture
def draft(google: Google, customer: Customer) -> Draft:
    """A pending draft in a conversation that really lies in the mailbox."""
    gmail_id = google.deliver(MAILBOX, sender="Mia <mia@example.org>", subject="Roof", text="How much?")
    thread_id = found_message(google, MAILBOX, gmail_id)["threadId"]
    message = make_message(customer, gmail_id=gmail_id, thread_id=thread_id)
    lead = make_lead(customer, email="mia@example.org", evidence_message_id=message.gmail_id)
    return make_draft(customer, lead=lead, subject="Re: Roof", body="Hello Mia,\n\n100 €.\n")


def in_gmail(google: Google) -> list[dict[str, Any]]:
    """Our drafts to Mia in the mailbox."""
    found = [found_message(google, MAILBOX, one["message"]["id"]) for one in drafts_of(google, MAILBOX)]
    return [one for one in found if header(one, "To") == "mia@example.org" and "draft-" in header(one, "Message-ID")]


def ours(google: Google, draft: Draft) -> list[dict[str, Any]]:
    return [one for one in in_gmail(google) if draft.id.hex in header(one, "Message-ID")]


def put(draft: Draft, customer: Customer) -> bool:
    with enter_customer(customer.id):
        return services.gmail_draft_put(customer=customer, draft_id=draft.id)


@pytest.mark.usefixtures("eager")
def test_approved_draft_lies_in_its_conversation_and_the_page_leads_there(
    member: Client, customer: Customer, google: Google, draft: Draft
) -> None:
    connected_with_drafts(customer)
    act(member, draft, "approve", body="Hello Mia, 90 €.")
    [message] = ours(google, draft)
    assert message["threadId"] == draft.gmail_thread_id
    assert header(message, "In-Reply-To")
    assert reload(draft).gmail_message_id == message["id"]
    text = page_of(member, draft)
    assert "It lies in its conversation in Gmail" in text
    assert f"#all/{draft.gmail_thread_id}" in text


@pytest.mark.usefixtures("eager")
def test_without_the_opt_in_nothing_is_put_anywhere(
    member: Client, customer: Customer, google: Google, draft: Draft
) -> None:
    connected(customer)
    act(member, draft, "approve")
    assert ours(google, draft) == []
    assert reload(draft).gmail_state == ""
    text = page_of(member, draft)
    assert "tick that there" in text
    assert "view=cm" in text
    member.post(f"/drafts/{draft.id}/gmail/")
    assert reload(draft).gmail_state == ""


@pytest.mark.usefixtures("eager")
def test_rejected_and_pending_drafts_are_put_nowhere(
    member: Client, customer: Customer, google: Google, draft: Draft
) -> None:
    connected_with_drafts(customer)
    for _ in range(2):
        gmail_draft_put(str(customer.id), str(draft.id))
        member.post(f"/drafts/{draft.id}/gmail/")
        assert ours(google, draft) == []
        act(member, draft, "reject")


@pytest.mark.usefixtures("eager")
def test_task_run_twice_makes_one_draft(member: Client, customer: Customer, google: Google, draft: Draft) -> None:
    connected_with_drafts(customer)
    act(member, draft, "approve")
    gmail_draft_put(str(customer.id), str(draft.id))
    assert len(ours(google, draft)) == 1
    assert reload(draft).gmail_state == "done"


def queued(draft: Draft, customer: Customer, **fields: Any) -> None:
    """The draft was approved, and its task has not run."""
    values = {
        "status": "approved",
        "gmail_state": "queued",
        "decided_at": timezone.now(),
        "gmail_claimed_at": timezone.now(),
        "decided_by": "a@b.example",
    }
    with enter_customer(customer.id):
        Draft.objects.filter(id=draft.id).update(**{**values, **fields})


@pytest.fixture
def consented(eager: None, customer: Customer, google: Google) -> None:
    connected_with_drafts(customer)


@pytest.mark.usefixtures("consented")
def test_conversations_own_subject_is_used_in_gmail_and_the_page_says_so(
    member: Client, customer: Customer, google: Google, draft: Draft
) -> None:
    act(member, draft, "approve", subject="Our offer for your roof")
    [message] = ours(google, draft)
    assert (message["threadId"], header(message, "Subject")) == (draft.gmail_thread_id, "Re: Roof")
    text = html.unescape(page_of(member, draft))
    assert "Its subject there is “Re: Roof”" in text
    assert reload(draft).subject == "Our offer for your roof"


@pytest.mark.usefixtures("consented")
def test_draft_that_gmail_put_elsewhere_is_said_to_be_elsewhere(
    member: Client, customer: Customer, google: Google
) -> None:
    raw = b"From: Mia <mia@example.org>\r\nSubject: Roof\r\nMessage-ID: none\r\n\r\nHow much?"
    gmail_id = google.deliver_raw(MAILBOX, raw)
    message = make_message(customer, gmail_id=gmail_id, thread_id=found_message(google, MAILBOX, gmail_id)["threadId"])
    draft = make_draft(customer, lead=make_lead(customer, evidence_message_id=message.gmail_id), subject="Re: Roof")
    act(member, draft, "approve")
    text = page_of(member, draft)
    assert "did not take it into its conversation" in text
    assert "It lies in its conversation" not in text


@pytest.mark.usefixtures("consented")
def test_several_workers_at_once_make_one_draft(customer: Customer, google: Google, draft: Draft) -> None:
    queued(draft, customer)
    start, results = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        try:
            results.append(put(draft, customer))
        except DraftHeld:
            results.append(False)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True]
    assert len(ours(google, draft)) == 1


@pytest.mark.usefixtures("consented")
def test_worker_that_died_after_gmail_took_the_draft_leaves_no_second_one(
    member: Client, customer: Customer, google: Google, draft: Draft
) -> None:
    queued(draft, customer)
    put(draft, customer)
    # As it would stand had the worker died before it wrote that it was done.
    queued(draft, customer, gmail_state="putting", gmail_claimed_at=timezone.now(), gmail_message_id="")
    with pytest.raises(DraftHeld):
        put(draft, customer)
    member.post(f"/drafts/{draft.id}/gmail/")
    assert reload(draft).gmail_state == "putting"
    queued(draft, customer, gmail_state="putting", gmail_claimed_at=timezone.now() - timedelta(minutes=3))
    member.post(f"/drafts/{draft.id}/gmail/")
    [message] = ours(google, draft)
    assert (reload(draft).gmail_state, reload(draft).gmail_message_id) == ("done", message["id"])


@pytest.mark.usefixtures("consented")
def test_gmail_that_is_away_is_tried_again_and_then_given_up_until_a_member_asks(
    member: Client, customer: Customer, google: Google, draft: Draft, caplog: pytest.LogCaptureFixture
) -> None:
    queued(draft, customer)
    google.gmail_fault = 503
    with pytest.raises(GmailTrouble):
        put(draft, customer)
    assert reload(draft).gmail_state == "queued"
    assert "being put into its conversation" in page_of(member, draft)
    app.conf.task_eager_propagates = False  # With it, the first try's error would end the others.
    gmail_draft_put.delay(str(customer.id), str(draft.id))
    assert "could not be reached for a while" in page_of(member, draft)
    assert "is not in Gmail yet" in caplog.text
    assert "Mia" not in caplog.text
    google.gmail_fault = None
    member.post(f"/drafts/{draft.id}/gmail/")
    assert len(ours(google, draft)) == 1
    assert "It lies in its conversation" in page_of(member, draft)


@pytest.mark.usefixtures("consented")
def test_what_only_a_person_can_mend_is_said_on_the_page(
    member: Client, customer: Customer, google: Google, draft: Draft
) -> None:
    queued(draft, customer)
    google.withdraw(MAILBOX)
    assert put(draft, customer) is False
    text = page_of(member, draft)
    assert "could not be put into Gmail" in text
    assert "Connect Gmail again, under Settings." in text
    assert "view=cm" in text, "the other way is still open"


@pytest.mark.usefixtures("consented")
def test_permission_that_was_taken_back_stops_drafts_that_wait(
    customer: Customer, google: Google, draft: Draft
) -> None:
    queued(draft, customer)
    with enter_platform():
        GmailConnection.objects.update(scopes=[])
    assert put(draft, customer) is False
    assert ours(google, draft) == []
    assert "without the permission" in reload(draft).gmail_note


@pytest.mark.usefixtures("consented")
def test_part_of_the_page_that_htmx_asks_for_stops_asking_when_it_is_done(
    member: Client, customer: Customer, draft: Draft
) -> None:
    queued(draft, customer)
    assert "htmx.js" in page_of(member, draft)
    part = f"/drafts/{draft.id}/gmail/"
    assert f'hx-get="{part}"' in member.get(part).content.decode()
    put(draft, customer)
    text = member.get(part).content.decode()
    assert "hx-get" not in text
    assert "<html" not in text
    assert 'class="button plain"' in text, "the new mail steps back behind the conversation"
    assert page_of(member, draft).count("view=cm") == text.count("view=cm") == 1
    anonymous = Client(headers={"host": customer.host})
    assert anonymous.get(part, headers={"hx-request": "true"})["HX-Redirect"] == "/login/?next=/"


def test_approval_stands_though_the_broker_is_away(
    member: Client, customer: Customer, google: Google, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    with enter_platform():
        GmailConnection.objects.filter(tenant=customer).update(
            state="connected", scopes=["https://www.googleapis.com/auth/gmail.compose"]
        )
    with monkeypatch.context() as patch:
        patch.setattr(gmail_draft_put, "delay", lambda *_: (_ for _ in ()).throw(ConnectionError("no broker")))
        assert act(member, draft, "approve").status_code == 302
    assert reload(draft).status == "approved"
    text = page_of(member, draft)
    assert "could not be handed on just now. Try again." in text
    assert "hx-get" not in text


@pytest.mark.usefixtures("consented")
def test_task_that_comes_again_after_its_worker_died_waits_for_the_claims_end(
    customer: Customer, google: Google, draft: Draft
) -> None:
    queued(draft, customer, gmail_state="putting", gmail_claimed_at=timezone.now())
    with pytest.raises(Retry) as retry:
        gmail_draft_put.apply(args=(str(customer.id), str(draft.id)), throw=True)
    assert timedelta(minutes=2).total_seconds() < retry.value.when < timedelta(minutes=3).total_seconds()
    queued(draft, customer, gmail_state="putting", gmail_claimed_at=timezone.now() - timedelta(minutes=2))
    gmail_draft_put.apply(args=(str(customer.id), str(draft.id)), throw=True)
    assert len(ours(google, draft)) == 1
    assert reload(draft).gmail_state == "done"


@pytest.mark.usefixtures("consented")
def test_fault_of_ours_is_said_on_the_page_and_kept_for_the_log(
    member: Client, customer: Customer, google: Google, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued(draft, customer)
    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "as_bytes", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            put(draft, customer)
    text = page_of(member, draft)
    assert "Something failed on our side. Try again" in text
    member.post(f"/drafts/{draft.id}/gmail/")
    assert len(ours(google, draft)) == 1


@pytest.mark.usefixtures("consented")
@pytest.mark.parametrize("state", ["queued", "putting"])
def test_draft_that_nobody_moves_is_not_waited_for_and_can_be_sent_on_again(
    member: Client, customer: Customer, google: Google, draft: Draft, state: str
) -> None:
    queued(draft, customer, gmail_state=state, gmail_claimed_at=timezone.now() - timedelta(minutes=4))
    assert "hx-get" in page_of(member, draft)
    queued(draft, customer, gmail_state=state, gmail_claimed_at=timezone.now() - timedelta(minutes=5))
    for path in (f"/drafts/{draft.id}/", f"/drafts/{draft.id}/gmail/"):
        text = member.get(path).content.decode()
        assert "It is not in Gmail" in text
        assert "hx-get" not in text
        assert "htmx.js" not in text
    member.post(f"/drafts/{draft.id}/gmail/")
    assert len(ours(google, draft)) == 1
    assert "It lies in its conversation" in page_of(member, draft)


@pytest.mark.usefixtures("consented")
def test_agents_themselves_get_no_token_that_may_write(customer: Customer, google: Google) -> None:
    """The supervisor asks for a reading token of the same consent, and calls nothing that writes."""
    from agents.runtime.gmail.line import READ_SCOPE, Line
    from agents.runtime.meter import Meter
    from agents.runtime.retry import Patience
    from agents.runtime.secret import read_gmail_secret

    line = Line(secret=read_gmail_secret(customer.secret_name), endpoint=google.url, meter=Meter())
    try:
        line.authorise(Patience(pause=lambda seconds: False))
        token = line._credentials.token
    finally:
        line.close()
    assert line._credentials.granted_scopes == [READ_SCOPE]
    gmail, headers = f"{google.url}/gmail/v1/users/me", {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{gmail}/profile", headers=headers).status_code == 200
    assert httpx.post(f"{gmail}/drafts", headers=headers, json={"message": {"raw": "eA"}}).status_code == 403
    assert httpx.post(f"{gmail}/messages/send", headers=headers, json={"raw": "eA"}).status_code == 403
