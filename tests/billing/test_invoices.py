"""Invoices: numbered without gaps, unchangeable, paid or taken back."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import ProgrammingError, connections, transaction
from django.utils import timezone

from billing import services
from billing.errors import BillingRefused
from billing.models import Invoice, InvoiceLine, Subscription
from tenants.isolation.context import enter_customer, enter_platform
from tests.billing.buyers import invoices, make_subscription, on

DAY = date(2026, 1, 10)


@pytest.fixture(autouse=True)
def platform(database: None, settings: Any) -> Iterator[None]:
    settings.INVOICE_SELLER, settings.INVOICE_TAX_PERCENT = "OpenClaw Ltd\nIBAN XX00 0000", Decimal(19)
    with enter_platform():
        yield


def issue(subscription: Subscription, start: date = DAY) -> Invoice:
    end = start + timedelta(days=30)
    return services.invoice_issue(subscription=subscription, period_start=start, period_end=end, issued_on=start)


def test_it_says_who_what_how_much_and_the_tax() -> None:
    buyer = make_subscription(billing_name="Harborline Ltd", billing_address="1 Quay\nPort", tax_id="VAT 1")
    invoice = issue(buyer)
    assert (invoice.buyer, invoice.buyer_tax_id) == ("Harborline Ltd\n1 Quay\nPort", "VAT 1")
    assert (invoice.net, invoice.tax, invoice.total) == ("$500.00", "$95.00", "$595.00")
    [line] = invoice.lines.all()
    assert (line.description, line.amount) == ("Team, 10 January 2026 to 8 February 2026", "$500.00")
    assert (invoice.number, invoice.seller) == ("2026-000001", "OpenClaw Ltd\nIBAN XX00 0000")


def test_a_customer_s_own_rate_goes_before_the_company_s() -> None:
    assert issue(make_subscription(tax_percent=Decimal(0))).total == "$500.00"


def test_a_period_is_invoiced_once() -> None:
    subscription = make_subscription()
    assert issue(subscription).pk == issue(subscription).pk


def test_numbers_begin_anew_each_year() -> None:
    subscription = make_subscription()
    numbers = [
        issue(subscription, start).number for start in (date(2026, 11, 10), date(2026, 12, 10), date(2027, 1, 10))
    ]
    assert numbers == ["2026-000001", "2026-000002", "2027-000001"]


def test_numbers_have_no_gaps_when_many_are_issued_at_once_and_some_fail() -> None:
    subscriptions = [make_subscription() for _ in range(8)]
    together = threading.Barrier(4, timeout=20)

    def one(index: int) -> None:
        try:
            with enter_platform(), transaction.atomic():
                if index < 4:
                    together.wait()
                issue(subscriptions[index])
                if index % 2:
                    raise InterruptedError
        except InterruptedError:
            pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(8)))
    issue(subscriptions[1])
    assert sorted(Invoice.objects.values_list("number", flat=True)) == [f"2026-{n:06d}" for n in range(1, 6)]


@pytest.mark.parametrize("change", [{"total_minor": 1}, {"number": "2026-000009"}, {"buyer": "Somebody else"}])
def test_what_it_says_can_not_be_changed(change: dict[str, Any]) -> None:
    invoice = issue(make_subscription())
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(**change)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        InvoiceLine.objects.filter(invoice=invoice).update(amount_minor=1)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk)._raw_delete("default")
    assert Invoice.objects.get(pk=invoice.pk).total_minor == invoice.total_minor


def test_a_customer_sees_its_own_and_can_mark_none_as_paid() -> None:
    own, other = issue(make_subscription()), issue(make_subscription())
    with enter_customer(own.tenant_id):
        assert list(Invoice.objects.all()) == [own]
        assert [line.invoice_id for line in InvoiceLine.objects.all()] == [own.pk]
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Invoice.objects.filter(pk=own.pk).update(state="paid")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Subscription.objects.filter(tenant=own.tenant_id).update(state="active")
        assert Subscription.objects.filter(pk=other.subscription_id).update(cancels=True) == 0


def test_it_is_paid_once_with_the_first_reference() -> None:
    invoice = issue(make_subscription())
    services.invoice_mark_paid(invoice=invoice, paid_on=DAY, paid_by=None, reference="A")
    services.invoice_mark_paid(invoice=invoice, paid_on=DAY + timedelta(days=1), paid_by=None, reference="B")
    invoice.refresh_from_db()
    assert (invoice.state, invoice.paid_on, invoice.payment_reference) == ("paid", DAY, "A")


def test_money_of_tomorrow_is_refused() -> None:
    invoice = issue(make_subscription())
    tomorrow = timezone.now().date() + timedelta(days=1)
    with pytest.raises(BillingRefused, match="has not come"):
        services.invoice_mark_paid(invoice=invoice, paid_on=tomorrow, paid_by=None)


def test_a_wrong_one_is_taken_back_by_a_credit_note_once() -> None:
    invoice = issue(make_subscription())
    note = services.invoice_cancel(invoice=invoice, reason="Wrong address.")
    assert services.invoice_cancel(invoice=invoice, reason="Again.").pk == note.pk
    invoice.refresh_from_db()
    assert (invoice.state, note.total, note.corrects) == ("cancelled", "-$595.00", invoice)
    assert note.number == f"{note.issued_on.year}-00000{2 if note.issued_on.year == 2026 else 1}"
    with pytest.raises(BillingRefused, match="it is cancelled"):
        services.invoice_mark_paid(invoice=invoice, paid_on=DAY, paid_by=None)
    with pytest.raises(BillingRefused, match="credit note"):
        services.invoice_cancel(invoice=note, reason="No.")
    assert issue(invoice.subscription).number != invoice.number


def test_a_note_needs_a_reason() -> None:
    with pytest.raises(BillingRefused, match="Say why"):
        services.invoice_cancel(invoice=issue(make_subscription()), reason=" ")


def test_it_is_mailed_once_with_what_to_pay(eager: None) -> None:
    from billing.tasks import invoice_mail_send

    subscription = on(DAY, make_subscription(billing_email="accounts@example.com"))
    [invoice] = invoices(subscription)
    invoice_mail_send.delay(str(invoice.pk))
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["accounts@example.com"], "Invoice 2026-000001 from OpenClaw")
    assert "$595.00, to be paid by 24 January 2026" in sent.body
    assert "IBAN XX00 0000" in sent.body
    assert "<strong>$595.00</strong>" in sent.alternatives[0][0]
