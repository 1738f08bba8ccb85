"""Whatever a stranger's mail holds, it can be stored."""

from datetime import UTC, datetime

import pytest

from agents.runtime.messages import message_from


def make_resource(**changes):
    headers = {"From": "Mia <mia@example.org>", "To": "owner@acme.example", "Subject": "Offer"}
    headers.update(changes.pop("headers", {}))
    return {
        "id": "m1",
        "threadId": "t1",
        "labelIds": ["INBOX", "UNREAD"],
        "snippet": "Hello",
        "internalDate": "1700000000000",
        "payload": {"headers": [{"name": name, "value": value} for name, value in headers.items()]},
        **changes,
    }


def test_fields_come_from_headers_and_resource():
    message = message_from(make_resource())
    assert message.gmail_id == "m1"
    assert message.thread_id == "t1"
    assert message.sender == "Mia <mia@example.org>"
    assert message.recipient == "owner@acme.example"
    assert message.subject == "Offer"
    assert message.label_ids == ["INBOX", "UNREAD"]
    assert message.received_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_header_names_are_read_without_case():
    message = message_from(make_resource(payload={"headers": [{"name": "SUBJECT", "value": "Loud"}]}))
    assert (message.subject, message.sender) == ("Loud", "")


def test_snippet_is_plain_text():
    assert message_from(make_resource(snippet="it&#39;s &lt;b&gt;")).snippet == "it's <b>"


def test_text_that_postgresql_cannot_hold_is_mended_and_cut():
    message = message_from(make_resource(headers={"Subject": "a\x00b\ud83d" + "x" * 5000}))
    assert message.subject.startswith("ab?x")
    assert len(message.subject) == 1000


@pytest.mark.parametrize("date", [None, "", "soon", "9" * 30])
def test_message_without_usable_date_counts_as_received_now(date):
    received = message_from(make_resource(internalDate=date)).received_at
    assert abs((datetime.now(UTC) - received).total_seconds()) < 60


def test_message_without_payload():
    assert message_from({"id": "m2"}).thread_id == "m2"


def test_repr_shows_no_mail():
    shown = repr(message_from(make_resource(snippet="secret offer")))
    assert shown == "Message(gmail_id='m1')"
