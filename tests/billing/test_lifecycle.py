"""A subscription through the year: what each day makes of it, and of the agents."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from billing import services
from billing.errors import BillingRefused
from billing.models import Notice, Plan, Subscription
from tenants.isolation.context import enter_platform
from tenants.models import CustomerState, Signup
from tenants.services import customer_close, customer_pause
from tests.billing.buyers import again, customer_of, invoices, make_subscription, noon, on
from tests.factories import make_customer

TRIAL_OVER = date(2026, 1, 10)
DUE = TRIAL_OVER + timedelta(days=14)


@pytest.fixture(autouse=True)
def platform(database: None, settings: Any) -> Iterator[None]:
    settings.INVOICE_DUE_DAYS, settings.SUBSCRIPTION_GRACE_DAYS, settings.TRIAL_WARN_DAYS = 14, 7, 3
    with enter_platform():
        yield


def told(subscription: Subscription) -> list[tuple[str, date]]:
    return list(Notice.objects.filter(subscription=subscription).order_by("created_at").values_list("kind", "about"))


def test_a_new_customer_is_on_trial_for_its_plan_s_days() -> None:
    begun = services.subscription_begin(customer=make_customer(), agreed=False)
    assert (begun.state, begun.plan_id, begun.agreed_at) == ("trial", "team", None)
    assert begun.trial_ends_on == timezone.now().date() + timedelta(days=14)
    assert services.subscription_begin(customer=begun.tenant, agreed=True).pk == begun.pk


def test_a_plan_without_trial_is_paid_for_from_the_first_day() -> None:
    Plan.objects.filter(pk="starter").update(trial_days=0)
    try:
        begun = services.subscription_begin(customer=make_customer(plan="starter", state="active"), agreed=True)
        after = on(timezone.now().date(), begun)
    finally:
        Plan.objects.filter(pk="starter").update(trial_days=14)
    assert (after.state, len(invoices(after))) == ("active", 1)


def test_who_agreed_goes_over_into_a_paid_period_with_an_invoice() -> None:
    before = on(TRIAL_OVER - timedelta(days=1), make_subscription())
    assert (before.state, invoices(before)) == ("trial", [])
    after = on(TRIAL_OVER, before)
    assert (after.state, after.period_start, after.period_end) == ("active", TRIAL_OVER, date(2026, 2, 10))
    [invoice] = invoices(after)
    assert (invoice.total_minor, invoice.due_on, invoice.state) == (50_000, DUE, "open")
    assert told(after) == []


def test_who_did_not_agree_is_warned_then_stopped_and_never_charged() -> None:
    trial = make_subscription(agreed=False)
    assert told(on(TRIAL_OVER - timedelta(days=4), trial)) == []
    on(TRIAL_OVER - timedelta(days=3), trial)
    assert told(on(TRIAL_OVER - timedelta(days=2), trial)) == [("trial_ending", TRIAL_OVER)]
    assert on(TRIAL_OVER, trial).state == "past_due"
    assert customer_of(trial).state == CustomerState.ACTIVE
    assert on(TRIAL_OVER + timedelta(days=6), trial).state == "past_due"
    assert on(TRIAL_OVER + timedelta(days=7), trial).state == "suspended"
    assert customer_of(trial).state == CustomerState.PAUSED
    assert (invoices(trial), [kind for kind, _ in told(trial)]) == ([], ["trial_ending", "past_due", "suspended"])


def test_agreeing_late_brings_the_agents_back_and_charges_from_that_day() -> None:
    trial = make_subscription(agreed=False)
    on(TRIAL_OVER, trial)
    on(TRIAL_OVER + timedelta(days=7), trial)
    services.subscription_agree(subscription=trial)
    today = timezone.now().date()
    after = on(today, trial)
    assert (after.state, after.period_start) == ("active", today)
    assert customer_of(after).paused_at is None
    assert [invoice.period_start for invoice in invoices(after)] == [today]


def test_an_unpaid_invoice_warns_then_suspends_then_payment_resumes() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    assert on(DUE, subscription).state == "active"
    warned = on(DUE + timedelta(days=1), subscription)
    assert (warned.state, warned.past_due_on) == ("past_due", DUE + timedelta(days=1))
    assert on(DUE + timedelta(days=7), subscription).state == "past_due"
    assert on(DUE + timedelta(days=8), subscription).state == "suspended"
    assert customer_of(subscription).state == CustomerState.PAUSED
    [invoice] = invoices(subscription)
    services.invoice_mark_paid(invoice=invoice, paid_on=DUE + timedelta(days=9), paid_by=None)
    assert again(subscription).state == "active"
    assert customer_of(subscription).paused_at is None


def test_nobody_is_suspended_unwarned_by_a_sweep_that_was_away() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    late = on(DUE + timedelta(days=60), subscription)
    assert (late.state, late.past_due_on) == ("past_due", DUE + timedelta(days=60))


def test_a_sweep_that_was_away_issues_every_period_once() -> None:
    subscription = make_subscription()
    on(date(2026, 4, 1), subscription)
    on(date(2026, 4, 1), subscription)
    starts = [invoice.period_start for invoice in invoices(subscription)]
    assert starts == [date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 10)]


def test_what_stands_still_is_not_charged() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    on(DUE + timedelta(days=1), subscription)
    on(DUE + timedelta(days=8), subscription)
    assert len(invoices(on(date(2026, 6, 1), subscription))) == 1
    services.invoice_mark_paid(invoice=invoices(subscription)[0], paid_on=date(2026, 6, 2), paid_by=None)
    today = timezone.now().date()
    on(today, subscription)
    assert [invoice.period_start for invoice in invoices(subscription)] == [TRIAL_OVER, today]


def test_a_pause_by_staff_outlives_the_payment() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    on(DUE + timedelta(days=1), subscription)
    customer_pause(customer=customer_of(subscription), actor=None)
    on(DUE + timedelta(days=8), subscription)
    services.invoice_mark_paid(invoice=invoices(subscription)[0], paid_on=DUE, paid_by=None)
    assert (again(subscription).state, customer_of(subscription).state) == ("active", CustomerState.PAUSED)


def test_on_trial_another_plan_holds_at_once() -> None:
    trial = make_subscription()
    services.subscription_change_plan(subscription=trial, plan=Plan.objects.get(pk="starter"))
    after = on(TRIAL_OVER - timedelta(days=5), trial)
    assert (after.plan_id, after.next_plan_id, customer_of(after).plan) == ("starter", None, "starter")


def test_a_paid_plan_changes_with_the_next_period() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    services.subscription_change_plan(subscription=subscription, plan=Plan.objects.get(pk="starter"))
    now = on(date(2026, 2, 9), subscription)
    assert (now.plan_id, now.next_plan_id, customer_of(now).plan) == ("team", "starter", "team")
    after = on(date(2026, 2, 10), subscription)
    assert (after.plan_id, after.next_plan_id, customer_of(after).plan) == ("starter", None, "starter")
    assert [invoice.net_minor for invoice in invoices(after)] == [50_000, 19_900]


def test_choosing_the_present_plan_takes_the_wish_back() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    services.subscription_change_plan(subscription=subscription, plan=Plan.objects.get(pk="starter"))
    services.subscription_change_plan(subscription=subscription, plan=subscription.plan)
    assert on(date(2026, 2, 10), subscription).plan_id == "team"


def test_a_plan_that_is_no_longer_sold_can_be_kept_but_not_chosen() -> None:
    Plan.objects.filter(pk="starter").update(is_active=False)
    try:
        with pytest.raises(BillingRefused, match="no longer sold"):
            services.subscription_change_plan(subscription=make_subscription(), plan=Plan.objects.get(pk="starter"))
    finally:
        Plan.objects.filter(pk="starter").update(is_active=True)


def test_a_cancelled_one_runs_to_the_end_of_what_is_paid() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    services.invoice_mark_paid(invoice=invoices(subscription)[0], paid_on=TRIAL_OVER, paid_by=None)
    services.subscription_cancel(subscription=subscription)
    assert on(date(2026, 2, 9), subscription).state == "active"
    after = on(date(2026, 2, 10), subscription)
    assert (after.state, customer_of(after).state, len(invoices(after))) == ("cancelled", CustomerState.PAUSED, 1)
    with pytest.raises(BillingRefused, match="has ended"):
        services.subscription_keep(subscription=subscription)


def test_a_cancellation_can_be_taken_back() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    services.subscription_cancel(subscription=subscription)
    services.subscription_keep(subscription=subscription)
    assert len(invoices(on(date(2026, 2, 10), subscription))) == 2


def test_a_customer_that_leaves_is_charged_no_more() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    customer_close(customer=customer_of(subscription), actor=None)
    assert (on(date(2026, 5, 1), subscription).state, len(invoices(subscription))) == ("cancelled", 1)


def test_the_sweep_goes_on_after_one_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = make_subscription(), make_subscription()
    real = services.lifecycle.subscription_advance

    def failing(*, subscription: Subscription, now: Any) -> Subscription:
        if subscription.pk == first.pk:
            raise RuntimeError("broken")
        return real(subscription=subscription, now=now)

    monkeypatch.setattr(services.lifecycle, "subscription_advance", failing)
    services.subscriptions_advance(now=noon(TRIAL_OVER))
    assert (again(first).state, again(second).state) == ("trial", "active")


def test_customers_without_one_get_it_and_only_staff_s_have_agreed() -> None:
    by_staff, by_itself = make_customer(state="active"), make_customer(state="active")
    Signup.objects.create(
        company="Fernweh", subdomain="fernweh", person="Jonas", email="j@example.com", customer=by_itself,
        plan="team", expires_at=timezone.now(),
    )  # fmt: skip
    assert services.subscriptions_begin() == 2
    assert services.subscriptions_begin() == 0
    assert Subscription.objects.get(tenant=by_staff).agreed_at is not None
    assert Subscription.objects.get(tenant=by_itself).agreed_at is None
