"""Calls that are refused or fail: the agent is told what to correct, and nothing is half done."""

import psycopg
import pytest

from agents.runtime.gmail import Mailbox
from agents.runtime.meter import Meter
from agents.runtime.secret import GmailSecret
from tests.runtime.factories import make_message
from tests.runtime.tools.lots import CLASS, called, keep, messages


def test_message_that_the_customer_has_not_stored_is_refused(serve, rows, world, mailbox):
    stray = world.google.deliver(rows.email, sender="eve@hush.example", subject="hush", text="hush")
    assert "no such message" in serve("butler").refused("read_message", gmail_id=stray)
    butler = serve("butler")
    assert "no such message" in butler.refused("classify_message", gmail_id=stray, **CLASS)
    scout = serve("scout")
    lead = {"email": "eve@hush.example", "score": 90}
    assert "no such message" in scout.refused("upsert_lead", evidence_message_id=stray, **lead)
    assert "no such thread" in serve("writer").refused("read_thread", thread_id=stray)
    assert rows.rows("leads") == []
    assert {outcome for _, outcome in called(rows)} == {"not_found"}


@pytest.mark.parametrize(
    ("role", "tool", "arguments", "advice"),
    [
        ("butler", "classify_message", {"gmail_id": "m1", **CLASS, "category": "hush"}, "category: Input should be"),
        ("butler", "classify_message", {"gmail_id": "m1", **CLASS, "needs_reply": "hush"}, "needs_reply: "),
        ("butler", "classify_message", {"gmail_id": "m1; hush", **CLASS}, "gmail_id: String should match"),
        ("butler", "list_messages", {"which": "all hush"}, "which: Input should be 'unclassified' or 'today'"),
        ("butler", "write_brief", {"body": " \u200b\n"}, "body: String should have at least 1 character"),
        ("butler", "write_brief", {"body": "hush " * 2_000}, "body: String should have at most 6000 characters"),
        ("butler", "write_brief", {}, "body: Field required"),
        ("scout", "upsert_lead", {"email": "hush", "score": 1}, "email: Value error, must be one e-mail address"),
        ("scout", "upsert_lead", {"email": "a@b.example, hush@c.example", "score": 1}, "email: Value error"),
        ("scout", "upsert_lead", {"email": "Hush <a@b.example>", "score": 1}, "email: Value error"),
        ("scout", "upsert_lead", {"email": "a@b.example", "score": 101}, "score: Input should be less than or equal"),
        ("scout", "upsert_lead", {"email": "a@b.example", "score": -1}, "score: Input should be greater than"),
        ("scout", "upsert_lead", {"email": "a@b.example", "score": 1, "name": "hush" * 50}, "name: String should have"),
        ("writer", "save_draft", {"thread_id": ["hush"]}, "thread_id: Input should be a valid string"),
    ],
)
def test_bad_argument_is_answered_with_what_to_correct(serve, rows, role, tool, arguments, advice):
    keep(rows, make_message(1))
    if tool == "upsert_lead":
        arguments = {"evidence_message_id": "m1", **arguments}
    answer = serve(role).refused(tool, **arguments)
    assert advice in answer
    assert "hush" not in answer
    assert called(rows) == [(tool, "bad_arguments")]
    assert rows.rows("leads") == rows.rows("briefs") == []


def test_many_bad_arguments_are_told_in_short(serve, rows):
    answer = serve("writer").refused("save_draft", **{f"argument{number}": "x" for number in range(50)})
    assert answer.endswith("and 49 more")
    assert len(answer) < 2_000


def test_gmail_that_fails_is_told_and_the_next_call_works(serve, receive, rows, world):
    message = receive()
    secret = GmailSecret(
        refresh_token="x", token_uri=f"{world.google.url}/oauth2/token", client_id="x", client_secret="x"
    )
    revoked = Mailbox(secret=secret, address=rows.email, endpoint=world.google.url, meter=Meter())
    butler = serve("butler", source=revoked)
    assert "Gmail did not give it" in butler.refused("read_message", gmail_id=message.gmail_id)
    butler.call("list_messages")
    revoked.close()
    assert called(rows) == [("read_message", "gmail_failed"), ("list_messages", "empty")]


def test_database_that_fails_is_told(serve, rows, lines):
    butler = serve("butler", DATABASE_PORT="1")
    assert "database cannot be reached" in butler.refused("list_messages")
    assert butler.server.calls == {("list_messages", "database_failed"): 1}
    assert '"outcome": "database_failed"' in lines[-1]


def test_tool_that_breaks_writes_nothing(serve, rows, lines):
    keep(rows, make_message(1))

    class Broken:
        def body(self, gmail_id, patience):
            raise KeyError("hush")

    assert "This tool failed" in serve("butler", source=Broken()).refused("read_message", gmail_id="m1")
    assert called(rows) == [("read_message", "internal_error")]
    assert '"error": "KeyError"' in lines[0]


def test_change_without_its_activity_is_not_made(serve, rows):
    keep(rows, make_message(1))
    with psycopg.connect(rows.admin_url, autocommit=True) as connection:
        connection.execute(f"REVOKE INSERT ON t_{rows.tenant}.activities FROM t_{rows.tenant}")
        try:
            serve("butler", lot=messages(1)).refused("classify_message", gmail_id="m1", **CLASS)
        finally:
            connection.execute(f"GRANT INSERT ON t_{rows.tenant}.activities TO t_{rows.tenant}")
    assert rows.rows("inbox_messages", "category") == [("",)]
