"""What a month brings: what was invoiced for its days, and what is expected of those that are still to come."""

from datetime import date, timedelta

import pytest

from billing import services
from billing.days import month_after
from billing.models import Plan, Subscription
from billing.selectors import Revenue, margin_by_customer, revenue
from billing.selectors.revenue import part_of, revenue_by_day
from tenants.models import CustomerState
from tenants.services import customer_close, customer_pause
from tests.billing.buyers import customer_of, invoices, make_subscription, on, pays
from tests.billing.usage import old_customer

USD = 1_000_000
TRIAL_OVER = date(2026, 1, 10)
LATER = date(2027, 6, 1)


def brings(subscription: Subscription, month: date, today: date = LATER) -> int:
    """The month's millionths of a dollar."""
    return revenue(month=month, today=today).get(subscription.tenant_id, Revenue()).micro_usd


def parts(amount: int, start: date, end: date) -> list[int]:
    months = [date(year, month, 1) for year in (2026, 2027, 2028) for month in range(1, 13)]
    return [
        part
        for month in months
        if (part := part_of(amount, start=start, end=end, first=month, upto=month_after(month)))
    ]


@pytest.mark.parametrize(
    ("start", "end", "amount", "expected"),
    [
        (date(2026, 11, 1), date(2026, 12, 1), 30, [30]),
        (date(2026, 11, 19), date(2026, 12, 19), 30, [12, 18]),
        (date(2026, 11, 30), date(2026, 12, 30), 30, [1, 29]),
        (date(2026, 12, 31), date(2027, 1, 31), 31, [1, 30]),
        (date(2028, 1, 31), date(2028, 2, 29), 29, [1, 28]),
        (date(2028, 2, 29), date(2028, 3, 31), 31, [1, 30]),
        (date(2026, 1, 10), date(2026, 2, 10), 100, [70, 30]),
        (date(2026, 1, 10), date(2026, 2, 10), 0, []),
    ],
)
def test_a_period_falls_on_months_by_its_days(start: date, end: date, amount: int, expected: list[int]) -> None:
    assert parts(amount, start, end) == expected


def test_the_months_parts_add_up_to_the_invoice_to_the_millionth() -> None:
    for days in range(1, 120):
        start = date(2028, 1, 31)
        assert sum(parts(499_990_000, start, start + timedelta(days=days))) == 499_990_000


def test_another_plan_changes_no_month_before_it() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    services.subscription_change_plan(subscription=subscription, plan=Plan.objects.get(pk="starter"))
    changed = on(date(2026, 3, 20), subscription)
    assert [(one.period_start.month, one.net_minor) for one in invoices(changed)] == [
        (1, 50_000),
        (2, 19_900),
        (3, 19_900),
    ]
    january = 500 * USD * 22 // 31
    assert brings(changed, date(2026, 1, 1)) == january
    assert brings(changed, date(2026, 2, 1)) == 500 * USD - january + 199 * USD * 19 // 28
    Plan.objects.filter(pk="starter").update(price_cents=99_900)
    try:
        assert brings(changed, date(2026, 1, 1)) == january
    finally:
        Plan.objects.filter(pk="starter").update(price_cents=19_900)


def test_days_that_are_not_invoiced_yet_are_expected_at_the_price_of_the_plan_that_follows() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    march = date(2026, 3, 1)
    renewed = on(date(2026, 2, 10), subscription)
    found = revenue(month=march, today=date(2026, 3, 5))[renewed.tenant_id]
    # 9 of the 28 days of the period from 10 February on, and the 22 days after it.
    assert found == Revenue(
        500 * USD * 28 // 28 - 500 * USD * 19 // 28 + 500 * USD * 22 // 31, 500 * USD * 22 // 31, 31
    )
    services.subscription_change_plan(subscription=renewed, plan=Plan.objects.get(pk="starter"))
    assert revenue(month=march, today=date(2026, 3, 5))[renewed.tenant_id].expected_micro_usd == 199 * USD * 22 // 31
    assert brings(renewed, date(2026, 4, 1), today=date(2026, 3, 5)) == 199 * USD
    services.subscription_cancel(subscription=renewed)
    assert revenue(month=march, today=date(2026, 3, 5))[renewed.tenant_id].expected_micro_usd == 0


def test_a_month_that_is_over_brings_what_was_invoiced_and_no_more() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    whole = 500 * USD - 500 * USD * 22 // 31
    assert brings(subscription, date(2026, 2, 1)) == whole
    assert brings(subscription, date(2025, 12, 1)) == 0
    assert subscription.tenant_id not in revenue(month=date(2026, 3, 1), today=LATER)


@pytest.mark.parametrize(
    ("state", "started"), [("trial", False), ("past_due", False), ("suspended", True), ("cancelled", True)]
)
def test_what_nobody_pays_for_is_not_expected(state: str, started: bool) -> None:
    today = date(2026, 11, 26)
    customer = old_customer()
    if started:
        pays(customer, date(2026, 10, 11), date(2026, 11, 11), state=state)
    else:
        services.subscription_begin(customer=customer, agreed=False)
        Subscription.objects.filter(tenant=customer).update(state=state)
    found = revenue(month=date(2026, 11, 1), today=today).get(customer.pk, Revenue())
    assert (found.expected_micro_usd, found.days) == (0, 10 if started else 0)


def test_the_suspended_and_the_paused_keep_what_was_invoiced() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    january = brings(subscription, date(2026, 1, 1))
    for day in (date(2026, 1, 25), date(2026, 2, 1)):
        suspended = on(day, subscription)
    assert suspended.state == "suspended"
    assert brings(suspended, date(2026, 1, 1)) == january
    paused = pays(old_customer(), date(2026, 1, 1), date(2026, 2, 1))
    customer_pause(customer=customer_of(paused), actor=None)
    assert brings(paused, date(2026, 2, 1), today=date(2026, 1, 20)) == 500 * USD


def test_an_invoice_that_was_taken_back_drops_out_with_its_credit_note_and_the_new_one_counts() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    [invoice] = invoices(subscription)
    note = services.invoice_cancel(invoice=invoice, reason="Wrong address.")
    in_january = date(2026, 1, 20)
    assert brings(subscription, TRIAL_OVER.replace(day=1), today=in_january) == 0
    assert brings(subscription, note.issued_on.replace(day=1)) == 0
    services.invoice_issue(
        subscription=subscription, period_start=TRIAL_OVER, period_end=date(2026, 2, 10), issued_on=in_january
    )
    assert brings(subscription, TRIAL_OVER.replace(day=1)) == 500 * USD * 22 // 31


def test_who_has_closed_keeps_its_months() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    customer_close(customer=customer_of(subscription), actor=None)
    tenant = customer_of(subscription)
    type(tenant).objects.filter(pk=tenant.pk).update(state=CustomerState.CLOSED)
    on(date(2026, 1, 20), subscription)
    [line] = margin_by_customer(month=date(2026, 1, 1), today=date(2026, 1, 21))
    assert (line.customer_id, line.revenue_micro_usd, line.expected_micro_usd) == (tenant.pk, 500 * USD * 22 // 31, 0)


def test_other_money_is_named_and_not_added() -> None:
    subscription = on(TRIAL_OVER, make_subscription())
    Plan.objects.create(code="paris", name="Paris", price_cents=70_000, currency="EUR")
    try:
        Subscription.objects.filter(pk=subscription.pk).update(plan="paris")
        on(date(2026, 2, 10), subscription)
        found = revenue(month=date(2026, 2, 1), today=date(2026, 2, 12))[subscription.tenant_id]
        assert found == Revenue(
            500 * USD - 500 * USD * 22 // 31, 0, 28, "It pays in EUR, and there is no exchange rate here."
        )
    finally:
        Subscription.objects.all().update(plan="team")
        Plan.objects.filter(pk="paris").delete()


def test_a_customer_without_a_subscription_is_expected_to_pay_from_today_on() -> None:
    customer = old_customer()
    assert revenue(month=date(2026, 11, 1), today=date(2026, 11, 26)) == {
        customer.pk: Revenue(500 * USD * 5 // 30, 500 * USD * 5 // 30, 5)
    }
    assert revenue(month=date(2026, 10, 1), today=date(2026, 11, 26)) == {}


def test_the_days_of_a_month_add_up_to_it_and_those_without_an_invoice_bring_nothing() -> None:
    on(TRIAL_OVER, make_subscription(trial_ends_on=TRIAL_OVER))
    by_day = revenue_by_day(first=date(2026, 1, 1), last=date(2026, 1, 31))
    assert sorted(by_day) == [date(2026, 1, day) for day in range(10, 32)]
    [month] = revenue(month=date(2026, 1, 1), today=LATER).values()
    assert sum(by_day.values()) == month.micro_usd
    assert max(by_day.values()) - min(by_day.values()) <= 1
    assert revenue_by_day(first=date(2026, 2, 9), last=date(2026, 2, 12)).keys() == {date(2026, 2, 9)}
