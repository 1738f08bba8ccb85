"""A customer's plan and invoices as its members see them: everybody reads, owners decide."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from billing import services
from billing.days import day_of
from billing.models import Invoice, Subscription, UsageRecord
from tenants.isolation.context import enter_platform
from tenants.models import Customer, Membership
from tests.billing.buyers import invoices, on
from tests.portal.visitors import make_member, visitor_of

TRIAL_OVER = date(2026, 1, 10)


@pytest.fixture
def subscription(customers: tuple[Customer, Customer]) -> Iterator[Subscription]:
    """Harborline's, on trial; nobody agreed yet."""
    with enter_platform():
        begun = services.subscription_begin(customer=customers[0], agreed=False)
    yield begun


@pytest.fixture
def owner(subscription: Subscription) -> Client:
    user = make_member(subscription.tenant)
    with enter_platform():
        Membership.objects.filter(user=user).update(role="owner")
    return visitor_of(subscription.tenant, user)


@pytest.fixture
def member(subscription: Subscription) -> Client:
    return visitor_of(subscription.tenant)


def text(reply: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.content.decode()))


def now(subscription: Subscription) -> Subscription:
    with enter_platform():
        return Subscription.objects.select_related("plan", "next_plan").get(pk=subscription.pk)


def paid_period(subscription: Subscription) -> list[Invoice]:
    """The invoices once the first period has begun."""
    with enter_platform():
        services.subscription_agree(subscription=subscription)
        Subscription.objects.filter(pk=subscription.pk).update(
            trial_ends_on=TRIAL_OVER, anchor_day=10, agreed_at="2026-01-01T00:00Z"
        )
        return invoices(on(TRIAL_OVER, subscription))


def test_the_page_says_where_it_stands(member: Client, subscription: Subscription) -> None:
    shown = text(member.get("/billing/"))
    assert "Trial. The trial ends on" in shown
    assert "Nothing is charged unless you agree." in shown
    assert "Team, $500.00 a month, without tax" in shown
    assert "No invoice was issued yet." in shown
    assert "Owners of Harborline decide about the plan." in shown


def test_usage_is_told_in_words_and_only_one_s_own(
    member: Client, customers: tuple[Customer, Customer], subscription: Subscription
) -> None:
    assert "Nothing was counted yet this month." in text(member.get("/billing/"))
    today = day_of(timezone.now())
    with enter_platform():
        for customer, source, quantity in zip(customers, ("run:1", "run:2"), (5_400, 999_999), strict=True):
            for kind in ("fargate.spot.vcpu_second", "model.x.input_token"):
                UsageRecord.objects.create(tenant=customer, day=today, kind=kind, source=source, quantity=quantity)
    shown = text(member.get("/billing/"))
    assert "Computing 1.50 vCPU-hours" in shown
    assert "Language model 5,400 tokens" in shown


def test_an_owner_agrees(owner: Client, subscription: Subscription, eager: None) -> None:
    assert "Agree to $500.00 a month" in text(owner.get("/billing/"))
    shown = text(owner.post("/billing/decide/", {"wish": "agree"}, follow=True))
    assert "The first invoice comes then." in shown
    assert now(subscription).agreed_at is not None


def test_on_trial_another_plan_holds_a_moment_later(owner: Client, subscription: Subscription, eager: None) -> None:
    owner.post("/billing/decide/", {"wish": "plan", "plan": "starter"})
    assert (now(subscription).plan_id, now(subscription).next_plan_id) == ("starter", None)
    assert "Starter, $199.00 a month" in text(owner.get("/billing/"))


def test_a_plan_that_is_not_offered_is_refused(owner: Client, subscription: Subscription) -> None:
    shown = text(owner.post("/billing/decide/", {"wish": "plan", "plan": "free"}, follow=True))
    assert "There is no such plan." in shown
    assert now(subscription).next_plan_id is None
    assert owner.post("/billing/decide/", {"wish": "everything"}).status_code == 422


def test_an_owner_cancels_and_keeps(owner: Client, subscription: Subscription, eager: None) -> None:
    assert "It ends then, as you wished." in text(owner.post("/billing/decide/", {"wish": "cancel"}, follow=True))
    assert "It ends then" not in text(owner.post("/billing/decide/", {"wish": "keep"}, follow=True))


@pytest.mark.parametrize("wish", ["agree", "cancel", "keep", "plan"])
def test_who_is_no_owner_decides_nothing(member: Client, subscription: Subscription, wish: str) -> None:
    assert member.post("/billing/decide/", {"wish": wish, "plan": "starter"}).status_code == 403
    assert member.post("/billing/details/", {"name": "Mine"}).status_code == 403
    same = now(subscription)
    assert (same.agreed_at, same.cancels, same.next_plan_id, same.billing_name) == (None, False, None, "")


def test_what_stands_on_invoices_is_the_owner_s(owner: Client, subscription: Subscription) -> None:
    typed = {"name": "Harborline Ltd", "address": "1 Quay", "tax_id": "VAT 1", "email": "Accounts@example.com"}
    assert owner.post("/billing/details/", typed).status_code == 302
    assert "Harborline Ltd" in owner.get("/billing/").content.decode()
    saved = now(subscription)
    assert (saved.billing_name, saved.billing_email) == ("Harborline Ltd", "accounts@example.com")
    wrong = owner.post("/billing/details/", {**typed, "email": "nowhere"})
    assert (wrong.status_code, "Harborline Ltd" in wrong.content.decode()) == (422, True)


def test_an_invoice_prints_with_seller_tax_and_total(member: Client, subscription: Subscription, settings: Any) -> None:
    settings.INVOICE_SELLER = "OpenClaw Ltd\nIBAN XX00"
    [invoice] = paid_period(subscription)
    listed = member.get("/billing/").content.decode()
    assert f"/billing/invoices/{invoice.pk}/" in listed
    shown = text(member.get(f"/billing/invoices/{invoice.pk}/"))
    for words in ("OpenClaw Ltd", "Harborline", "Invoice 2026-000001", "Tax, 0 %", "Total $500.00", "24 January 2026"):
        assert words in shown


def test_another_customer_s_invoice_is_not_found(
    customers: tuple[Customer, Customer], subscription: Subscription
) -> None:
    [invoice] = paid_period(subscription)
    stranger = visitor_of(customers[1])
    assert stranger.get(f"/billing/invoices/{invoice.pk}/").status_code == 404
    assert "There is no subscription yet." in text(stranger.get("/billing/"))


def test_a_stranger_is_sent_to_sign_in(subscription: Subscription) -> None:
    reply = Client(headers={"host": subscription.tenant.host}).get("/billing/")
    assert (reply.status_code, reply["Location"]) == (302, "/login/?next=%2Fbilling%2F")
