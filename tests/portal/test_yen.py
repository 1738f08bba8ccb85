"""A currency without a smaller unit: 50,000 is fifty thousand yen, on every page, in every mail and list."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client

from billing import services
from billing.models import Invoice, Plan, Subscription
from tenants.isolation.context import enter_platform
from tenants.models import Customer, User
from tests.admin.clients import signed_in
from tests.billing.buyers import invoices, on
from tests.factories import make_staff
from tests.portal.visitors import make_member, visitor_of

pytestmark = pytest.mark.usefixtures("eager")
TRIAL_OVER = date(2026, 1, 10)
# Of 8 % tax on 49,990 the fifth of a yen is rounded away.
PRICE, TAX, TOTAL = "¥49,990", "¥3,999", "¥53,989"
# What reading yen as cents, or cents as yen, would show.
WRONG = re.compile(r"¥\s?(499\.90|539\.89|39\.99|[\d,]+\.\d)|\$(499\.90|49,990)|539\.89|4,999,000")


@pytest.fixture
def subscription(customers: tuple[Customer, Customer]) -> Iterator[Subscription]:
    """Harborline's, to a plan in yen."""
    customer = customers[0]
    with enter_platform():
        Plan.objects.create(code="tokyo", name="Tokyo", price_cents=49_990, currency="JPY")
        Customer.objects.filter(pk=customer.pk).update(plan="tokyo")
        customer.refresh_from_db()
        begun = services.subscription_begin(customer=customer, agreed=True)
        Subscription.objects.filter(pk=begun.pk).update(
            trial_ends_on=TRIAL_OVER, anchor_day=10, agreed_at="2026-01-01T00:00Z", tax_percent=8
        )
    yield begun


def anna_of(subscription: Subscription) -> User:
    return make_member(subscription.tenant, role="owner", email="anna@harborline.example")


def issued(subscription: Subscription) -> Invoice:
    with enter_platform():
        return invoices(on(TRIAL_OVER, subscription))[0]


def text(reply: Any) -> str:
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.content.decode()))
    assert not WRONG.search(words), WRONG.search(words)
    return words


def test_strangers_and_members_read_whole_yen(subscription: Subscription) -> None:
    public = Client(headers={"host": "localhost"})
    assert f"{PRICE} a month" in text(public.get("/prices/"))
    assert "Tokyo" in text(public.get("/sign-up/?plan=tokyo"))
    member = visitor_of(subscription.tenant)
    assert f"Tokyo, {PRICE} a month, without tax" in text(member.get("/billing/"))
    invoice = issued(subscription)
    assert TOTAL in text(member.get("/billing/"))
    shown = text(member.get(f"/billing/invoices/{invoice.pk}/"))
    for words in ("JPY", f"Net {PRICE}", f"Tax, 8 % {TAX}", f"Total {TOTAL}"):
        assert words in shown


def test_mails_say_whole_yen(subscription: Subscription) -> None:
    anna_of(subscription)
    issued(subscription)
    with enter_platform():
        on(TRIAL_OVER + timedelta(days=20), subscription)
        Subscription.objects.filter(pk=subscription.pk).update(agreed_at=None, period_start=None, state="trial")
        on(TRIAL_OVER - timedelta(days=2), subscription)
    letters = {letter.subject: letter.body + letter.alternatives[0][0] for letter in mail.outbox}
    assert len(letters) == 3, list(letters)
    for subject, words in letters.items():
        assert not WRONG.search(words), subject
    [invoice] = [words for subject, words in letters.items() if subject.startswith("Invoice")]
    assert TOTAL in invoice
    assert f"Tokyo costs {PRICE} a month" in letters["Your trial of OpenClaw ends on 10 January"]


def test_staffs_lists_say_whole_yen_and_the_report_takes_them_for_no_dollars(subscription: Subscription) -> None:
    invoice = issued(subscription)
    staff = signed_in(make_staff().email)
    assert PRICE in text(staff.get("/billing/plan/"))
    assert TOTAL in text(staff.get("/billing/invoice/"))
    shown = text(staff.get(f"/billing/invoice/{invoice.pk}/change/"))
    assert (PRICE in shown, TAX in shown, TOTAL in shown) == (True, True, True)
    assert PRICE in text(staff.get("/")), "what recurs, on the front page"
    assert "Tokyo" in text(staff.get("/billing/subscription/"))
    for form in ("--csv", "--json"):
        out = io.StringIO()
        call_command("cost_report", form, stdout=out)
        assert "tokyo" in out.getvalue()
        assert not WRONG.search(out.getvalue())
        assert "JPY" in out.getvalue()
