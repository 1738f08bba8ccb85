"""Subscriptions and invoices in the back office."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from billing.models import Invoice, Subscription
from tenants.isolation.context import enter_platform
from tests.admin.clients import signed_in
from tests.billing.buyers import again, invoices, make_subscription, on
from tests.factories import make_user

DAY = date(2026, 1, 10)


@pytest.fixture
def subscription(staff: Client) -> Subscription:
    with enter_platform():
        return on(DAY, make_subscription())


@pytest.fixture
def invoice(subscription: Subscription) -> Invoice:
    with enter_platform():
        return invoices(subscription)[0]


def text(reply: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.content.decode()))


def now(thing: Any) -> Any:
    with enter_platform():
        return type(thing).objects.get(pk=thing.pk)


def test_the_lists_say_who_pays_what(staff: Client, invoice: Invoice) -> None:
    listed = text(staff.get("/billing/invoice/"))
    for words in (invoice.number, invoice.tenant.name, "$500.00", "Overdue"):
        assert words in listed
    assert invoice.tenant.name in text(staff.get("/billing/subscription/"))


def test_the_money_is_there(staff: Client, invoice: Invoice) -> None:
    page = f"/billing/invoice/{invoice.pk}/"
    shown = text(staff.post(f"{page}paid/", {"paid_on": "2026-01-20", "reference": "T 17"}, follow=True))
    assert f"{invoice.number} is paid." in shown
    assert (now(invoice).state, now(invoice).payment_reference) == ("paid", "T 17")
    assert f"{invoice.number} is paid." in text(staff.get(f"{page}history/"))


@pytest.mark.parametrize("typed", [{}, {"paid_on": "soon"}, {"paid_on": "2999-01-01"}])
def test_a_day_that_is_none_changes_nothing(staff: Client, invoice: Invoice, typed: dict[str, str]) -> None:
    shown = text(staff.post(f"/billing/invoice/{invoice.pk}/paid/", typed, follow=True))
    assert re.search("Enter a valid date|This field is required|has not come yet", shown)
    assert now(invoice).state == "open"


def test_a_wrong_invoice_is_taken_back(staff: Client, invoice: Invoice) -> None:
    shown = text(staff.post(f"/billing/invoice/{invoice.pk}/cancel/", {"reason": "Wrong address"}, follow=True))
    assert f"{invoice.number} is taken back by" in shown
    assert now(invoice).state == "cancelled"


def test_a_subscription_is_decided_about(staff: Client, subscription: Subscription) -> None:
    page = f"/billing/subscription/{subscription.pk}/"
    assert "Cancel at the end of the period" in staff.get(f"{page}change/").content.decode()
    staff.post(f"{page}decide/", {"wish": "plan", "plan": "starter"})
    assert now(subscription).next_plan_id == "starter"
    staff.post(f"{page}decide/", {"wish": "cancel"})
    assert now(subscription).cancels
    assert "Choose a plan of the list." in text(staff.post(f"{page}decide/", {"wish": "plan"}, follow=True))


def test_only_what_is_typed_is_saved(staff: Client, subscription: Subscription) -> None:
    page = f"/billing/subscription/{subscription.pk}/change/"
    typed = {
        "billing_name": "Company Ltd",
        "tax_percent": "7",
        "state": "cancelled",
        "billing_address": "",
        "tax_id": "",
    }
    assert staff.post(page, typed).status_code == 302
    with enter_platform():
        saved = again(subscription)
    assert (saved.billing_name, str(saved.tax_percent), saved.state) == ("Company Ltd", "7.00", subscription.state)


def test_who_may_not_change_invoices_marks_none(invoice: Invoice) -> None:
    from django.contrib.auth.models import Permission

    reader = make_user(is_staff=True)
    with enter_platform():
        reader.user_permissions.add(*Permission.objects.filter(codename__in=["view_invoice", "view_subscription"]))
    client = signed_in(reader.email)
    assert "Take it back" not in client.get(f"/billing/invoice/{invoice.pk}/change/").content.decode()
    for button in ("paid", "cancel"):
        assert client.post(f"/billing/invoice/{invoice.pk}/{button}/", {}).status_code == 403
    assert (
        client.post(f"/billing/subscription/{invoice.subscription_id}/decide/", {"wish": "cancel"}).status_code == 403
    )
    assert now(invoice).state == "open"
