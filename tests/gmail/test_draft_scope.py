"""The opt-in to have approved drafts put into Gmail: asked for only when ticked, kept only when given."""

from email.header import decode_header, make_header
from typing import Any

import httpx
import pytest
from django.test import Client

from openclaw_site.aws import secrets
from openclaw_site.devstack.google import Google
from tenants.gmail.compose import DraftRefused, Placed
from tenants.gmail.google import ConsentGone, GmailTrouble
from tenants.gmail.selectors import puts_drafts
from tenants.gmail.services import Consent, consent_accept, draft_put
from tenants.isolation.context import enter_customer, enter_platform
from tenants.models import Customer, GmailConnection, GmailState
from tests.gmail.mail import drafts_of, found_message, header, thread_of
from tests.gmail.visit import GMAIL_SCOPE, MAILBOX, connected, connection_of, consent, ending, get, link_of

pytestmark = pytest.mark.usefixtures("eager")
DRAFT_SCOPE = "https://www.googleapis.com/auth/gmail.compose"


def begin(client: Client, link: str, **ticked: str) -> str:
    """Press the button of the connect page; the address at Google."""
    intent = httpx.URL(link).params["intent"]
    reply = client.post("/gmail/connect/", {"intent": intent, **ticked}, headers={"host": "localhost"})
    return str(reply["Location"])


def connected_with_drafts(customer: Customer, *, withhold: str = "") -> str:
    client = Client()
    return ending(
        client, consent(begin(client, link_of(customer), with_drafts="yes"), customer.email, withhold=withhold)
    )


def placed(customer: Customer, thread_id: str, **changes: Any) -> Placed:
    # The mailbox outlives a test: each conversation has a draft of its own.
    letter = {
        "key": f"draft-{thread_id}",
        "recipient": "mia@example.org",
        "subject": "Re: Roof",
        "body": "Hello\nMia ✓\n",
    }
    with enter_customer(customer.id):
        return draft_put(customer=customer, thread_id=thread_id, **{**letter, **changes})


def put(customer: Customer, thread_id: str, **changes: Any) -> str:
    return placed(customer, thread_id, **changes).message_id


def puts(customer: Customer) -> bool:
    with enter_customer(customer.id):
        return puts_drafts(customer_id=customer.id)


@pytest.fixture
def conversation(google: Google) -> tuple[str, str]:
    """A thread in the mailbox, and the Message-ID of its last letter."""
    gmail_id = google.deliver(MAILBOX, sender="Mia <mia@example.org>", subject="Roof", text="How much is a roof?")
    message = found_message(google, MAILBOX, gmail_id)
    return message["threadId"], header(message, "Message-ID")


def test_scope_is_never_asked_for_without_the_tick(customer: Customer) -> None:
    asked = httpx.URL(begin(Client(), link_of(customer))).params["scope"].split()
    assert set(asked) == {"openid", "email", GMAIL_SCOPE}


def test_ticked_box_asks_for_one_scope_more(customer: Customer) -> None:
    asked = httpx.URL(begin(Client(), link_of(customer), with_drafts="yes")).params["scope"].split()
    assert set(asked) == {"openid", "email", GMAIL_SCOPE, DRAFT_SCOPE}


def test_box_is_empty_until_it_was_ticked_once(customer: Customer) -> None:
    assert "checked" not in get(Client(), link_of(customer)).content.decode()
    assert connected_with_drafts(customer) == "connected"
    assert "checked" in get(Client(), link_of(customer)).content.decode()


def test_page_says_what_google_calls_it(customer: Customer) -> None:
    text = get(Client(), link_of(customer)).content.decode()
    assert "Manage drafts and send emails" in text
    assert "the agents still only read" in text


def test_consent_with_drafts_is_kept_with_the_connection_and_the_secret(customer: Customer) -> None:
    assert connected_with_drafts(customer) == "connected"
    assert secrets.get_secret(name=customer.secret_name)["scopes"] == [GMAIL_SCOPE, DRAFT_SCOPE]
    assert DRAFT_SCOPE in connection_of(customer).scopes
    assert puts(customer)


def test_scope_withheld_at_google_connects_for_reading(customer: Customer) -> None:
    assert connected_with_drafts(customer, withhold=DRAFT_SCOPE) == "connected"
    assert secrets.get_secret(name=customer.secret_name)["scopes"] == [GMAIL_SCOPE]
    assert not puts(customer)


def test_scope_that_nobody_asked_for_is_not_used(customer: Customer) -> None:
    token = httpx.URL(link_of(customer)).params["intent"]
    granted = frozenset([GMAIL_SCOPE, DRAFT_SCOPE])
    consent_accept(intent_token=token, consent=Consent(MAILBOX, True, granted, "refresh"))
    assert DRAFT_SCOPE not in connection_of(customer).scopes
    assert not puts(customer)


def test_connecting_again_without_the_tick_takes_it_back(customer: Customer) -> None:
    connected_with_drafts(customer)
    assert connected(customer) == "connected"
    assert not puts(customer)


def test_draft_lies_in_its_thread_as_an_answer_to_the_last_letter(
    customer: Customer, google: Google, conversation: tuple[str, str]
) -> None:
    connected_with_drafts(customer)
    thread_id, last = conversation
    message_id = put(customer, thread_id)
    message = found_message(google, MAILBOX, message_id)
    assert message["threadId"] == thread_id
    assert "DRAFT" in message["labelIds"]
    assert (header(message, "In-Reply-To"), header(message, "References")) == (last, last)
    assert (header(message, "From"), header(message, "To")) == (MAILBOX, "mia@example.org")
    assert header(message, "Subject") == "Re: Roof"
    assert "SENT" not in str([one["labelIds"] for one in thread_of(google, MAILBOX, thread_id)])


def test_draft_put_twice_is_one_draft(customer: Customer, google: Google, conversation: tuple[str, str]) -> None:
    connected_with_drafts(customer)
    before = len(drafts_of(google, MAILBOX))
    first = put(customer, conversation[0])
    assert put(customer, conversation[0]) == first
    assert len(drafts_of(google, MAILBOX)) == before + 1
    assert put(customer, conversation[0], key=f"second-{conversation[0]}") != first


@pytest.mark.parametrize(
    ("theirs", "wanted", "stands"),
    [
        ("Roof", "Re: Roof", "Re: Roof"),
        ("Roof", "AW: roof", "AW: roof"),
        ("Re: Fwd: Roof", "Roof", "Roof"),
        ("Roof", "Our offer for your roof", "Re: Roof"),
        ("AW: Dachgeschoß, 200 m²", "Unser Angebot", "AW: Dachgeschoß, 200 m²"),
        ("Anfrage: Dach", "Re: Dach", "Re: Anfrage: Dach"),
        ("Fwd: Roof", "Offer\r\nBcc: all@example.org", "Re: Fwd: Roof"),
    ],
)
def test_draft_has_the_subject_with_which_gmail_takes_it_into_the_conversation(
    customer: Customer, google: Google, theirs: str, wanted: str, stands: str
) -> None:
    connected_with_drafts(customer)
    gmail_id = google.deliver(MAILBOX, sender="Mia <mia@example.org>", subject=theirs, text="How much is a roof?")
    thread_id = found_message(google, MAILBOX, gmail_id)["threadId"]
    found = placed(customer, thread_id, subject=wanted)
    message = found_message(google, MAILBOX, found.message_id)
    subject = str(make_header(decode_header(header(message, "Subject"))))
    assert (message["threadId"], subject, header(message, "Bcc")) == (thread_id, stands, "")
    assert (found.thread_id, found.subject) == (thread_id, stands)


def test_draft_that_gmail_put_elsewhere_says_where_and_is_found_there(customer: Customer, google: Google) -> None:
    connected_with_drafts(customer)
    # Nothing can refer to a message whose Message-ID is none.
    raw = b"From: Mia <mia@example.org>\r\nSubject: Roof\r\nMessage-ID: none\r\n\r\nHow much?"
    gmail_id = google.deliver_raw(MAILBOX, raw)
    thread_id = found_message(google, MAILBOX, gmail_id)["threadId"]
    before = len(drafts_of(google, MAILBOX))
    first = placed(customer, thread_id)
    assert first.thread_id == found_message(google, MAILBOX, first.message_id)["threadId"] != thread_id
    assert placed(customer, thread_id) == first
    assert len(drafts_of(google, MAILBOX)) == before + 1


def test_another_draft_of_ours_is_not_what_is_answered(
    customer: Customer, google: Google, conversation: tuple[str, str]
) -> None:
    connected_with_drafts(customer)
    put(customer, conversation[0])
    second = put(customer, conversation[0], key=f"second-{conversation[0]}")
    assert header(found_message(google, MAILBOX, second), "In-Reply-To") == conversation[1]


def test_without_the_permission_no_call_is_made(
    customer: Customer, google: Google, conversation: tuple[str, str]
) -> None:
    connected(customer)
    google.gmail_fault = 500
    with pytest.raises(DraftRefused, match="without the permission") as refused:
        put(customer, conversation[0])
    assert "tick" in refused.value.next_action


def test_permission_that_google_no_longer_gives(customer: Customer, conversation: tuple[str, str]) -> None:
    connected(customer)
    with enter_platform():
        GmailConnection.objects.update(scopes=[GMAIL_SCOPE, DRAFT_SCOPE])
    with pytest.raises(DraftRefused, match="is missing"):
        put(customer, conversation[0])


def test_withdrawn_consent(customer: Customer, google: Google, conversation: tuple[str, str]) -> None:
    connected_with_drafts(customer)
    google.withdraw(MAILBOX)
    with pytest.raises(ConsentGone):
        put(customer, conversation[0])


def test_connection_that_has_to_be_made_again(customer: Customer, conversation: tuple[str, str]) -> None:
    connected_with_drafts(customer)
    with enter_platform():
        GmailConnection.objects.update(state=GmailState.NEEDS_RECONNECT)
    with pytest.raises(ConsentGone):
        put(customer, conversation[0])


@pytest.mark.parametrize("status", [429, 500, 503])
def test_gmail_that_is_busy_may_be_asked_again(
    customer: Customer, google: Google, conversation: tuple[str, str], status: int
) -> None:
    connected_with_drafts(customer)
    google.gmail_fault = status
    with pytest.raises(GmailTrouble):
        put(customer, conversation[0])


def test_conversation_that_is_gone(customer: Customer) -> None:
    connected_with_drafts(customer)
    with pytest.raises(DraftRefused, match="no longer in Gmail"):
        put(customer, "18f0000000000000")


@pytest.mark.parametrize("changes", [{"subject": "Re:\r\nRoof"}, {"recipient": "a@b.example\r\nBcc: c@d.example"}])
def test_no_header_can_be_smuggled_in(
    customer: Customer, google: Google, conversation: tuple[str, str], changes: dict[str, str]
) -> None:
    connected_with_drafts(customer)
    before = len(drafts_of(google, MAILBOX))
    with pytest.raises(DraftRefused):
        put(customer, conversation[0], **changes)
    assert len(drafts_of(google, MAILBOX)) == before
