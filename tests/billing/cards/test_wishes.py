"""Wishes about a subscription that is paid by card, said here or at Stripe: both sides end up saying the same."""

from datetime import date, timedelta

import httpx
import pytest
from django.utils import timezone

from billing import services
from billing.errors import BillingRefused, CardAccountBusy
from billing.models import CardAccount, CardVisit, Plan, Subscription
from billing.payments.stripe import api
from tenants.services import customer_close
from tests.billing.buyers import again, customer_of, invoices, make_subscription, on
from tests.billing.cards.shop import Shop, month_after, problems

TRIAL_OVER = date(2026, 1, 10)
SECOND = month_after(TRIAL_OVER)


@pytest.fixture
def account(shop: Shop) -> CardAccount:
    """Of a customer in its first paid period."""
    shop.at(TRIAL_OVER)
    buyer = make_subscription(agreed=False, trial_ends_on=TRIAL_OVER)
    shop.pays_by_card(buyer)
    return CardAccount.objects.select_related("subscription__plan", "subscription__tenant").get()


def follow(account: CardAccount) -> CardAccount:
    services.card_account_follow(subscription_id=account.subscription_id)
    account.refresh_from_db()
    return account


def test_a_cancellation_here_is_told_to_stripe_and_taken_back(shop: Shop, account: CardAccount) -> None:
    services.subscription_cancel(subscription=account.subscription)
    assert shop.remote(account)["cancels"] is True
    services.subscription_keep(subscription=account.subscription)
    assert shop.remote(account)["cancels"] is False
    shop.deliver()
    assert (again(account.subscription).cancels, problems()) == (False, [])


def test_a_cancellation_on_stripe_s_pages_is_the_owner_s_wish(shop: Shop, account: CardAccount) -> None:
    portal = shop.visit(account.subscription, "portal").url
    for button, wished in (("cancel", True), ("keep", False), ("cancel", True)):
        assert httpx.post(f"{portal}/{account.subscription_ref}/{button}").status_code == 302
        shop.deliver()
        assert again(account.subscription).cancels is wished
    services.subscription_keep(subscription=account.subscription)
    assert shop.remote(account)["cancels"] is False
    assert (again(account.subscription).cancels, problems()) == (False, [])


def test_another_plan_holds_from_the_next_period_on_on_both_sides(shop: Shop, account: CardAccount) -> None:
    starter = Plan.objects.get(pk="starter")
    services.subscription_change_plan(subscription=account.subscription, plan=starter)
    shop.at(SECOND, 1)
    shop.renew(account)
    shop.deliver()
    assert [(one.total_minor, one.state) for one in invoices(account.subscription)] == [
        (50_000, "paid"),
        (19_900, "paid"),
    ]
    assert (again(account.subscription).plan_id, problems()) == ("starter", [])


def test_a_new_price_and_a_new_tax_are_told_by_the_sweep(shop: Shop, account: CardAccount) -> None:
    follow(account)
    assert services.card_accounts_behind() == []
    Subscription.objects.filter(pk=account.subscription_id).update(tax_percent=10)
    assert services.card_accounts_behind() == [account.subscription_id]
    follow(account)
    assert services.card_accounts_behind() == []
    shop.at(SECOND, 1)
    shop.renew(account)
    shop.deliver()
    assert [(one.total_minor, one.state) for one in invoices(account.subscription)][1] == (55_000, "paid")
    assert problems() == []


def test_closing_the_account_ends_it_at_stripe(shop: Shop, account: CardAccount) -> None:
    customer_close(customer=customer_of(account.subscription), actor=None)
    on(TRIAL_OVER + timedelta(days=1), account.subscription)
    ref = str(account.subscription_ref)
    assert api.subscription(ref).is_over
    account.refresh_from_db()
    assert account.subscription_ref is None


def test_what_was_ended_at_stripe_is_paid_by_transfer_from_then_on(shop: Shop, account: CardAccount) -> None:
    api.subscription_end(str(account.subscription_ref))
    shop.deliver()
    account.refresh_from_db()
    assert (account.subscription_ref, again(account.subscription).payment) == (None, "manual")
    on(SECOND, account.subscription)
    assert [invoice.state for invoice in invoices(account.subscription)] == ["paid", "open"]


def test_a_second_card_for_one_subscription_is_ended_and_told_to_people(shop: Shop) -> None:
    shop.at(TRIAL_OVER - timedelta(days=5))
    buyer = make_subscription(agreed=False, trial_ends_on=TRIAL_OVER)
    first = shop.visit(buyer)
    CardVisit.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(minutes=2))
    second = shop.visit(buyer)
    assert first.pk != second.pk
    for visit in (first, second):
        shop.stripe.complete(visit.url.rpartition("/")[2])
    shop.deliver()
    account = CardAccount.objects.get(subscription=buyer)
    assert problems()[0].startswith("The customer paid by card already: sub_")
    assert shop.remote(account)["status"] == "trialing"


def test_one_worker_compares_at_a_time_and_a_dead_one_holds_nobody_up(shop: Shop, account: CardAccount) -> None:
    CardAccount.objects.update(claimed_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(CardAccountBusy):
        services.card_account_follow(subscription_id=account.subscription_id)
    CardAccount.objects.update(claimed_at=timezone.now() - timedelta(minutes=6))
    assert follow(account).claimed_at is None


def test_there_is_nothing_to_do_at_stripe_for_who_owes_or_leaves_or_is_there(shop: Shop, account: CardAccount) -> None:
    with pytest.raises(BillingRefused, match="You pay by card already"):
        shop.visit(account.subscription)
    services.subscription_cancel(subscription=account.subscription)
    with pytest.raises(BillingRefused, match="Keep it first"):
        shop.visit(account.subscription)
    owing = on(TRIAL_OVER, make_subscription())
    with pytest.raises(BillingRefused, match="Pay the open invoice first"):
        shop.visit(owing)
    with pytest.raises(BillingRefused, match="No card is known yet"):
        shop.visit(owing, "portal")
    with pytest.raises(BillingRefused, match="is not open"):
        shop.visit(owing, "invoice", invoice=invoices(account.subscription)[0])


def test_the_way_to_change_the_card_leads_to_stripe(shop: Shop, account: CardAccount) -> None:
    visit = shop.visit(account.subscription, "portal")
    assert visit.url.startswith(shop.stripe.url)
    assert shop.visit(account.subscription, "portal").pk == visit.pk
