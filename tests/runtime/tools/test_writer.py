"""Writer's tools: the leads that wait, their threads, and one draft for each."""

import json

import pytest

from agents.runtime.store.leads import Lead
from agents.runtime.tools import Lot
from tests.runtime.factories import make_message
from tests.runtime.tools.lots import called, keep


def waiting(rows):
    """A turn's lot: all leads that are stored."""
    return Lot(leads=frozenset(row[0] for row in rows.rows("leads", "id")))


def lead_of(message, **changes):
    values = {"email": "mia@hush.example", "name": "Mia", "intent": "A roof", "score": 80, **changes}
    return Lead(evidence_message_id=message.gmail_id, **values)


def test_writer_answers_the_leads_that_wait(serve, receive, rows):
    message = receive(text="Could you quote for a roof, hush?")
    keep(rows, leads=[lead_of(message)])
    writer = serve("writer", lot=waiting(rows))
    listed = writer.call("list_leads")
    assert [(row["email"], row["thread_id"], row["score"]) for row in listed["leads"]] == [
        ("mia@hush.example", message.thread_id, 80)
    ]
    thread = writer.call("read_thread", thread_id=message.thread_id)
    assert [row["text"] for row in thread["messages"]] == ["Could you quote for a roof, hush?"]
    draft = {"thread_id": message.thread_id, "lead_email": "Mia@hush.example", "subject": "Re: Roof-hush"}
    assert writer.call("save_draft", body="Hello Mia,\n\nhush.", **draft)["result"] == "created"
    assert writer.call("save_draft", body="Hello Mia,\n\nhush.", **draft)["result"] == "unchanged"
    assert writer.call("save_draft", body="Dear Mia,\n\nhush.\r\n", **draft)["result"] == "updated"
    assert writer.call("list_leads") == {"leads": []}
    assert rows.rows("drafts", "gmail_thread_id, recipient, subject, body, status") == [
        (message.thread_id, "mia@hush.example", "Re: Roof-hush", "Dear Mia,\n\nhush.", "pending")
    ]
    assert [outcome for _, outcome in called(rows)] == ["done", "done", "created", "unchanged", "updated", "empty"]


@pytest.mark.parametrize("status", ["approved", "rejected"])
def test_draft_that_a_person_decided_on_is_not_touched(serve, rows, status):
    message = make_message(1)
    keep(rows, message, leads=[lead_of(message)])
    writer = serve("writer")
    draft = {"thread_id": "t1", "lead_email": "mia@hush.example", "subject": "Re: Roof"}
    writer.call("save_draft", body="Hello", **draft)
    rows.execute("UPDATE drafts SET status = %s", (status,))
    before = rows.rows("drafts")
    assert "A person has decided" in writer.refused("save_draft", body="Buy now", **draft)
    assert rows.rows("drafts") == before
    assert called(rows)[-1] == ("save_draft", "decided")


def test_draft_goes_to_its_lead_in_its_thread_only(serve, rows):
    own, foreign = make_message(1), make_message(2)
    shared = make_message(3, thread_id="t1")
    keep(rows, own, foreign, shared, leads=[lead_of(own), lead_of(shared, email="max@hush.example")])
    writer = serve("writer")
    draft = {"subject": "Re: Roof", "body": "Hello"}
    assert "not that lead's" in writer.refused("save_draft", thread_id="t2", lead_email="mia@hush.example", **draft)
    assert "no such thread" in writer.refused("save_draft", thread_id="t9", lead_email="mia@hush.example", **draft)
    assert "no lead" in writer.refused("save_draft", thread_id="t1", lead_email="eve@hush.example", **draft)
    refused = writer.refused(
        "save_draft", thread_id="t1", lead_email="mia@hush.example", to="eve@hush.example", **draft
    )
    assert "to: Extra inputs are not permitted" in refused
    assert rows.rows("drafts") == []
    writer.call("save_draft", thread_id="t1", lead_email="mia@hush.example", **draft)
    assert "another lead" in writer.refused("save_draft", thread_id="t1", lead_email="max@hush.example", **draft)
    assert rows.rows("drafts", "recipient") == [("mia@hush.example",)]
    outcomes = ["foreign_thread", "not_found", "not_found", "bad_arguments", "created", "other_lead"]
    assert [outcome for _, outcome in called(rows)] == outcomes


def test_long_thread_keeps_its_newest_messages(serve, rows):
    class LongThread:
        """A mailbox with a thread that no real one is asked to hold."""

        def thread(self, thread_id, patience):
            messages = [make_message(number, thread_id="t1") for number in range(1, 21)]
            return type("Thread", (), {"letters": [letter(message) for message in messages], "left_out": 4})

    def letter(message):
        return type("Letter", (), {"message": message, "body": '"hush"\n' * 1_000})

    keep(rows, make_message(1))
    text, _ = serve("writer", source=LongThread()).reply("read_thread", thread_id="t1")
    thread = json.loads(text)
    assert len(text) <= 16_000
    assert thread["messages"][-1]["gmail_id"] == "m20"
    assert thread["cut"] == f"{24 - len(thread['messages'])} older messages are left out."
    assert 2 <= len(thread["messages"]) < 20
