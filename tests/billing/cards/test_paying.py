"""A customer that pays by card through its months: what Stripe takes and what we ask are the same."""

from datetime import date, timedelta

import pytest

from billing import services
from billing.models import CardAccount, Notice, Plan, Subscription
from billing.services import invoice_mark_paid
from tests.billing.buyers import again, customer_of, invoices, make_subscription, on
from tests.billing.cards.shop import Shop, month_after, problems

TODAY = date(2026, 1, 5)
TRIAL_OVER = date(2026, 1, 10)
SECOND = month_after(TRIAL_OVER)


@pytest.fixture
def trial(shop: Shop) -> Subscription:
    """On trial; nobody agreed to anything yet."""
    shop.at(TODAY)
    return make_subscription(agreed=False, trial_ends_on=TRIAL_OVER)


def test_a_card_given_on_trial_is_charged_when_the_trial_is_over(shop: Shop, trial: Subscription) -> None:
    assert shop.checkout(trial).endswith("/billing/?paid=card")
    shop.deliver()
    known = again(trial)
    assert (known.payment, known.state, known.agreed_at is not None) == ("stripe", "trial", True)
    assert invoices(trial) == []
    account = CardAccount.objects.get(subscription=trial)
    assert shop.remote(account)["status"] == "trialing"

    shop.at(TRIAL_OVER, 1)
    ref = shop.renew(account)
    shop.deliver()
    [invoice] = invoices(trial)
    assert (invoice.state, invoice.total_minor, invoice.payment_reference) == ("paid", 50_000, ref)
    assert (invoice.period_start, invoice.paid_on, invoice.paid_by) == (TRIAL_OVER, TRIAL_OVER, None)
    assert (again(trial).state, again(trial).period_end, problems()) == ("active", SECOND, [])


def test_who_gives_a_card_after_the_trial_is_charged_at_once_and_its_agents_run_again(shop: Shop) -> None:
    shop.at(TRIAL_OVER + timedelta(days=8))
    late = make_subscription(agreed=False, trial_ends_on=TRIAL_OVER)
    on(TRIAL_OVER, late)
    assert on(TRIAL_OVER + timedelta(days=8), late).state == "suspended"
    shop.pays_by_card(late)
    [invoice] = invoices(late)
    assert (invoice.state, invoice.period_start) == ("paid", TRIAL_OVER + timedelta(days=8))
    assert (again(late).state, customer_of(late).paused_at, problems()) == ("active", None, [])


def test_who_paid_by_transfer_is_charged_from_the_next_period_on(shop: Shop) -> None:
    shop.at(TRIAL_OVER)
    buyer = on(TRIAL_OVER, make_subscription())
    invoice_mark_paid(invoice=invoices(buyer)[0], paid_on=TRIAL_OVER, paid_by=None)
    account = shop.pays_by_card(buyer)
    assert [invoice.number for invoice in invoices(buyer)] == ["2026-000001"]
    shop.at(SECOND, 2)
    shop.renew(account)
    shop.deliver()
    assert [(one.period_start, one.state) for one in invoices(buyer)] == [(TRIAL_OVER, "paid"), (SECOND, "paid")]
    assert problems() == []


def test_a_refused_card_makes_the_customer_past_due_at_once_and_money_makes_it_good(
    shop: Shop, trial: Subscription
) -> None:
    account = shop.pays_by_card(trial)
    shop.at(TRIAL_OVER, 1)
    ref = shop.renew(account, succeeds=False)
    shop.deliver()
    [invoice] = invoices(trial)
    assert (invoice.state, invoice.failed_on, again(trial).state) == ("open", TRIAL_OVER, "past_due")
    assert list(Notice.objects.values_list("kind", "about")) == [("payment_failed", TRIAL_OVER)]

    shop.at(TRIAL_OVER + timedelta(days=3))
    shop.stripe.retry(ref, succeeds=False)
    shop.deliver()
    assert (again(trial).state, Notice.objects.count()) == ("past_due", 1)

    shop.stripe.retry(ref, succeeds=True)
    shop.deliver()
    assert (again(trial).state, invoices(trial)[0].state, problems()) == ("active", "paid", [])


def test_a_card_that_stays_refused_suspends_and_money_starts_the_agents_again(shop: Shop, trial: Subscription) -> None:
    account = shop.pays_by_card(trial)
    shop.at(TRIAL_OVER, 1)
    ref = shop.renew(account, succeeds=False)
    shop.deliver()
    suspended = on(TRIAL_OVER + timedelta(days=7), trial)
    assert (suspended.state, customer_of(trial).paused_at is not None) == ("suspended", True)
    shop.at(TRIAL_OVER + timedelta(days=9))
    shop.stripe.retry(ref, succeeds=True)
    shop.deliver()
    assert (again(trial).state, customer_of(trial).paused_at) == ("active", None)


def test_who_stands_still_past_its_period_is_asked_for_nothing_more(shop: Shop, trial: Subscription) -> None:
    account = shop.pays_by_card(trial)
    shop.at(TRIAL_OVER, 1)
    shop.renew(account, succeeds=False)
    shop.deliver()
    on(TRIAL_OVER + timedelta(days=7), trial)
    shop.at(SECOND, 1)
    assert services.card_accounts_behind() == [trial.pk]
    services.card_account_follow(subscription_id=trial.pk)
    account.refresh_from_db()
    assert (account.subscription_ref, again(trial).payment, again(trial).state) == (None, "manual", "suspended")


def test_a_single_open_invoice_is_paid_by_card(shop: Shop) -> None:
    shop.at(TRIAL_OVER)
    buyer = on(TRIAL_OVER, make_subscription())
    [invoice] = invoices(buyer)
    shop.checkout(buyer, "invoice", invoice=invoice)
    shop.deliver()
    [paid] = invoices(buyer)
    assert (paid.state, paid.payment_reference[:3], again(buyer).payment) == ("paid", "cs_", "manual")
    assert problems() == []


def test_tax_is_in_what_stripe_takes(shop: Shop, trial: Subscription) -> None:
    Subscription.objects.filter(pk=trial.pk).update(tax_percent=19)
    account = shop.pays_by_card(trial)
    shop.at(TRIAL_OVER, 1)
    shop.renew(account)
    shop.deliver()
    [invoice] = invoices(trial)
    assert (invoice.tax_minor, invoice.total_minor, invoice.state) == (9_500, 59_500, "paid")
    assert problems() == []


def test_a_currency_without_a_smaller_unit_is_taken_as_it_is(shop: Shop) -> None:
    shop.at(TODAY)
    yen = Plan.objects.create(code="yen", name="Yen", price_cents=75_000, currency="JPY")
    buyer = make_subscription(agreed=False, trial_ends_on=TRIAL_OVER, plan=yen)
    account = shop.pays_by_card(buyer)
    shop.at(TRIAL_OVER, 1)
    shop.renew(account)
    shop.deliver()
    [invoice] = invoices(buyer)
    assert (invoice.total, invoice.state, problems()) == ("¥75,000", "paid", [])
