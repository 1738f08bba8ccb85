"""Leads: found by words and filters, in the order that is wanted, as a table that no spreadsheet runs, one by one."""

import csv
import html
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from agents.workspace.models import Lead
from openclaw_site.tables import csv_line
from tenants.isolation.context import current_context, enter_customer
from tenants.models import Customer
from tests.portal.factories import make_draft, make_lead, make_message
from tests.portal.visitors import PUBLIC


def named(customer: Customer, name: str, **fields: Any) -> Lead:
    """A lead that nothing but its name tells from others."""
    created_at = fields.pop("created_at", None)
    plain = {"name": name, "company": "", "intent": "", "email": f"{name.lower()}@x.example"}
    lead = make_lead(customer, **{**plain, **fields})
    if created_at is not None:
        with enter_customer(customer.id):
            Lead.objects.filter(id=lead.id).update(created_at=created_at)
    return lead


def names(client: Client, query: str = "") -> list[str]:
    reply = client.get(f"/leads/?{query}")
    assert reply.status_code == 200
    return re.findall(r'<a class="address" href="/leads/[^"]+"><strong>(\w+)</strong>', reply.content.decode())


@pytest.fixture
def three(customer: Customer) -> None:
    """Cleo (80, a pending draft), Bert (60, an approved one), Ada (40, none), found in that order."""
    days = [datetime(2026, 11, day, 12, tzinfo=UTC) for day in (1, 2, 3)]
    cleo = named(customer, "Cleo", score=80, company="Zinc & Söhne", intent="Needs 40% off", created_at=days[0])
    bert = named(customer, "Bert", score=60, company="Acme", intent="A flat roof", created_at=days[1])
    named(customer, "Ada", score=40, company="Middle", email="ada@roof.example", created_at=days[2])
    make_draft(customer, lead=cleo)
    make_draft(customer, lead=bert, status="approved")


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Cleo", "Bert", "Ada"]),
        ("q=bert", ["Bert"]),
        ("q=ROOF", ["Bert", "Ada"]),
        ("q=flat+acme", ["Bert"]),
        ("q=%C3%B6hne", ["Cleo"]),
        ("q=40%25", ["Cleo"]),
        ("q=%25", ["Cleo"]),
        ("q=_", []),
        ("q=nobody", []),
        ("score=60", ["Cleo", "Bert"]),
        ("since=2026-11-02", ["Bert", "Ada"]),
        ("until=2026-11-01", ["Cleo"]),
        ("draft=none", ["Ada"]),
        ("draft=pending", ["Cleo"]),
        ("draft=approved", ["Bert"]),
        ("draft=rejected", []),
        ("sort=newest", ["Ada", "Bert", "Cleo"]),
        ("sort=oldest", ["Cleo", "Bert", "Ada"]),
        ("sort=name", ["Ada", "Bert", "Cleo"]),
        ("sort=company", ["Bert", "Ada", "Cleo"]),
        ("score=nonsense&sort=nonsense&draft=nonsense&since=nonsense&page=nonsense", ["Cleo", "Bert", "Ada"]),
        ("q=roof&score=50&sort=name", ["Bert"]),
    ],
)
def test_list_is_what_was_asked_for(member: Client, query: str, found: list[str]) -> None:
    assert names(member, query) == found


@pytest.mark.usefixtures("three")
def test_list_that_finds_nothing_says_so_and_leads_back(member: Client) -> None:
    text = member.get("/leads/?q=nobody").content.decode()
    assert "No lead is like that" in text
    assert 'value="nobody"' in text
    assert "Enter a whole number" in member.get("/leads/?score=x").content.decode()


def test_search_goes_on_over_the_pages(member: Client, customer: Customer) -> None:
    for number in range(27):
        named(customer, f"Roof{number}")
    text = html.unescape(member.get("/leads/?q=roof&sort=name").content.decode())
    assert "27 leads" in text
    assert "?q=roof&sort=name&page=2" in text
    assert len(names(member, "q=roof&sort=name&page=2")) == 2


def table(client: Client, query: str = "") -> list[list[str]]:
    reply = client.get(f"/leads/leads.csv?{query}")
    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in reply["Content-Disposition"]
    text = b"".join(reply.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.usefixtures("three")
def test_table_has_what_the_list_has(member: Client) -> None:
    head, *rows = table(member, "score=60&sort=name")
    assert head[:5] == ["name", "company", "e-mail", "wants", "score"]
    assert [(row[0], row[4], row[-1]) for row in rows] == [("Bert", "60", "Approved"), ("Cleo", "80", "Pending")]


def test_table_is_read_after_the_request_in_this_customers_context_alone(
    member: Client, customer: Customer, other: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.workspace.leads._CHUNK", 2)
    for number in range(5):
        named(customer, f"Ours{number}")
        named(other, f"Theirs{number}")
    reply = member.get("/leads/leads.csv?sort=name")
    parts = []
    for part in reply.streaming_content:
        assert current_context() is None, "nobody's, while the browser takes its time"
        parts.append(part.decode())
    assert len(parts) == 4
    found = [row[0] for row in csv.reader(io.StringIO("".join(parts), newline=""))][1:]
    assert found == [f"Ours{number}" for number in range(5)]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\t\r="])
def test_no_cell_is_a_formula(member: Client, customer: Customer, begin: str) -> None:
    evil = f'{begin}HYPERLINK("http://evil.example","x")'
    message = make_message(customer, subject=evil, sender=evil)
    named(customer, "Evil", company=evil, intent=evil, evidence_message_id=message.gmail_id)
    [_, row] = table(member)
    assert [row[1], row[3], row[7], row[8]] == [f"'{evil}"] * 4
    assert row[4] == "70", "a number stays one"


def test_cells_with_quotes_and_lines_stay_one_cell() -> None:
    cells = ['a "b"', "c,d", "e\nf", None, -5]
    assert next(csv.reader(io.StringIO(csv_line(cells), newline=""))) == ['a "b"', "c,d", "e\nf", "", "-5"]


def test_page_of_a_lead_has_its_evidence_and_its_drafts(member: Client, customer: Customer) -> None:
    message = make_message(customer, subject="We need a roof", snippet="It rains in")
    lead = named(customer, "Mia", intent="A new roof", evidence_message_id=message.gmail_id)
    draft = make_draft(customer, lead=lead, status="rejected", decided_by="anna@x.example")
    text = html.unescape(member.get(f"/leads/{lead.id}/").content.decode())
    for words in ("Mia", "A new roof", "We need a roof", "It rains in", f"#all/{message.thread_id}", draft.subject,
                  "Rejected by anna@x.example", f'href="/drafts/{draft.id}/"'):  # fmt: skip
        assert words in text, words
    bare = named(customer, "Bare", evidence_message_id="gone")
    text = member.get(f"/leads/{bare.id}/").content.decode()
    assert "It is not kept here any more" in text
    assert "None yet" in text


def test_mail_is_never_html_on_the_page_of_a_lead(member: Client, customer: Customer) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    message = make_message(customer, subject=attack, snippet=attack, sender=attack, thread_id=attack)
    lead = make_lead(customer, name=attack, company=attack, intent=attack, evidence_message_id=message.gmail_id)
    make_draft(customer, lead=lead, subject=attack, body=attack)
    text = member.get(f"/leads/{lead.id}/").content.decode()
    assert "<script>" not in text
    assert "<img" not in text


def test_lead_of_another_customer_does_not_exist(member: Client, other: Customer) -> None:
    assert member.get(f"/leads/{make_lead(other).id}/").status_code == 404


def test_table_is_for_members(customer: Customer) -> None:
    for host in (customer.host, PUBLIC):
        assert Client(headers={"host": host}).get("/leads/leads.csv").status_code in (302, 404)
