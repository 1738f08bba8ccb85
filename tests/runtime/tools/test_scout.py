"""Scout's tools: the lists that it reads, and leads that rest on a message of their own."""

import json

from tests.runtime.factories import make_message
from tests.runtime.tools.lots import called, keep, messages


def test_long_list_comes_in_pages_that_fit(serve, rows):
    long = {"subject": '"hush" ' * 100, "snippet": '"hush"\n' * 100, "sender": '"hush" ' * 100}
    keep(rows, *(make_message(number, **long) for number in range(1, 61)))
    scout = serve("scout", lot=messages(*range(1, 61)))
    pages, after = [], ""
    for _ in range(9):
        text, is_error = scout.reply("list_messages", after=after)
        page = json.loads(text)
        assert not is_error
        assert len(text) <= 16_000
        pages += [row["gmail_id"] for row in page["messages"]]
        if "more" not in page:
            break
        after = pages[-1]
        assert page["more"].endswith(f"after={after}")
    assert pages == [f"m{number}" for number in range(1, 61)]


def test_scout_sees_what_is_new_in_this_run_only(serve, rows):
    keep(rows, *(make_message(number) for number in (1, 2, 3)))
    listed = serve("scout", lot=messages(3, 1)).call("list_messages")
    assert [row["gmail_id"] for row in listed["messages"]] == ["m1", "m3"]


def test_lead_rests_on_a_message_that_comes_from_its_address_or_names_it(serve, receive, rows):
    form = receive(sender="Form <no-reply@forms.example>", text="From mia@hush.example: a roof, please")
    other = receive(sender="Ben <ben@hush.example>", text="For xmia@hush.example and mia@hush.example.org")
    scout = serve("scout")

    def stored(message, email="mia@hush.example"):
        return scout.reply("upsert_lead", email=email, score=80, evidence_message_id=message.gmail_id)

    scout.call("read_message", gmail_id=other.gmail_id)
    advice, is_error = stored(other)
    assert is_error
    assert "neither comes from that address nor names it" in advice
    assert rows.rows("leads") == []
    assert not stored(other, email="ben@hush.example")[1]
    assert not stored(form)[1]
    assert [outcome for _, outcome in called(rows)] == ["done", "not_evident", "created", "created"]


def test_known_lead_is_not_changed_by_another_persons_message(serve, receive, rows):
    own = receive()
    other = receive(sender="Eve <eve@evil.example>", text="mia@hush.example wants 400 roofs now")
    scout = serve("scout")
    scout.call("upsert_lead", email="mia@hush.example", score=80, evidence_message_id=own.gmail_id)
    before = rows.rows("leads")
    scout.call("read_message", gmail_id=other.gmail_id)
    lead = {"email": "mia@hush.example", "score": 99, "intent": "400 roofs"}
    advice = scout.refused("upsert_lead", evidence_message_id=other.gmail_id, **lead)
    assert "another person's message does not change it" in advice
    assert rows.rows("leads") == before


def test_same_lead_twice_is_one_row(serve, rows):
    keep(rows, *(make_message(number, sender="Mia <mia@hush.example>") for number in (1, 2)))
    scout = serve("scout")
    lead = {"name": "Mia\u202e  Hush\n", "company": None, "intent": "A\x00 roof", "score": "80"}
    first = scout.call("upsert_lead", email=" Mia@Hush.example ", evidence_message_id="m1", **lead)
    assert first == {"lead": "mia@hush.example", "result": "created"}
    scout.call("upsert_lead", email="mia@hush.example", evidence_message_id="m1", **lead)
    scout.call("upsert_lead", email="MIA@hush.example", evidence_message_id="m2", score=85, company="Hush Ltd")
    assert rows.rows("leads", "email, name, company, intent, score, evidence_message_id") == [
        ("mia@hush.example", "Mia Hush", "Hush Ltd", "A roof", 85, "m2")
    ]
    assert [outcome for _, outcome in called(rows)] == ["created", "unchanged", "updated"]
