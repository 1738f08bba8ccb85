"""An owner's way from the plan page to Stripe's and back."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from billing import services
from billing.models import CardVisit, Subscription
from openclaw_site.devstack.world import World
from tenants.isolation.context import enter_platform
from tenants.models import Customer
from tests.portal.test_billing import paid_period, text
from tests.portal.visitors import make_member, visitor_of


@pytest.fixture(autouse=True)
def stripe(world: World, settings: Any) -> Iterator[Any]:
    settings.CARD_PAYMENTS = True
    world.stripe.webhooks_lost = True
    yield world.stripe
    world.stripe.webhooks_lost, world.stripe.fault = False, None


@pytest.fixture
def subscription(customers: tuple[Customer, Customer]) -> Subscription:
    with enter_platform():
        return services.subscription_begin(customer=customers[0], agreed=False)


@pytest.fixture
def owner(subscription: Subscription) -> Client:
    return visitor_of(subscription.tenant, make_member(subscription.tenant, role="owner"))


def answered(visit_path: str) -> CardVisit:
    """The visit, once a worker has had it."""
    with enter_platform():
        services.card_visit_answer(visit_id=re.search(r"[0-9a-f-]{36}", visit_path).group())  # type: ignore[union-attr,arg-type]
        return CardVisit.objects.get()


def test_an_owner_waits_a_moment_and_is_led_to_the_payment_page(owner: Client, stripe: Any) -> None:
    assert "Pay by card" in text(owner.get("/billing/"))
    begun = owner.post("/billing/card/", {"kind": "subscribe"})
    waiting = owner.get(begun["Location"])
    assert (waiting.status_code, "One moment." in text(waiting)) == (200, True)
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in waiting.content.decode()
    visit = answered(begun["Location"])
    assert owner.get(begun["Location"])["Location"] == visit.url
    assert owner.get(begun["Location"], headers={"HX-Request": "true"})["HX-Redirect"] == visit.url
    assert visit.url.startswith(stripe.url)
    assert "Thank you." in text(owner.get("/billing/?paid=card"))


def test_whoever_waits_long_is_told_and_a_refusal_leads_back(owner: Client, stripe: Any, settings: Any) -> None:
    begun = owner.post("/billing/card/", {"kind": "subscribe"})["Location"]
    with enter_platform():
        CardVisit.objects.update(created_at=timezone.now() - timedelta(seconds=30))
    assert "takes longer than usual" in text(owner.get(begun))
    settings.STRIPE_SECRET_KEY = "sk_test_another"
    answered(begun)
    assert "We look into it; nothing was charged." in text(owner.get(begun, follow=True))
    with enter_platform():
        CardVisit.objects.update(problem="", created_at=timezone.now() - timedelta(minutes=16))
    assert "has expired. Begin again." in text(owner.get(begun, follow=True))


def test_an_open_invoice_has_a_button_and_is_named_to_stripe(owner: Client, subscription: Subscription) -> None:
    [invoice] = paid_period(subscription)
    assert f"Pay {invoice.number} by card" in text(owner.get("/billing/"))
    refused = owner.post("/billing/card/", {"kind": "subscribe"}, follow=True)
    assert "Pay the open invoice first, by card or by transfer." in text(refused)
    begun = owner.post("/billing/card/", {"kind": "invoice", "invoice": str(invoice.pk)})["Location"]
    assert answered(begun).invoice_id == invoice.pk


@pytest.mark.parametrize("typed", [{}, {"kind": "all"}, {"kind": "invoice"}, {"kind": "invoice", "invoice": "x"}])
def test_nonsense_leads_nowhere(owner: Client, typed: dict[str, str]) -> None:
    assert owner.post("/billing/card/", typed).status_code == 404


def test_only_owners_of_the_customer_are_led_there(
    owner: Client, subscription: Subscription, customers: tuple[Customer, Customer]
) -> None:
    begun = owner.post("/billing/card/", {"kind": "subscribe"})["Location"]
    member = visitor_of(subscription.tenant)
    assert (member.post("/billing/card/", {"kind": "subscribe"}).status_code, member.get(begun).status_code) == (
        403,
        403,
    )
    assert "Pay by card" not in text(member.get("/billing/"))
    stranger = visitor_of(customers[1], make_member(customers[1], role="owner"))
    assert stranger.get(begun).status_code == 404
    [invoice] = paid_period(subscription)
    assert stranger.post("/billing/card/", {"kind": "invoice", "invoice": str(invoice.pk)}).status_code == 404


def test_where_cards_are_not_taken_none_is_offered(owner: Client, settings: Any) -> None:
    settings.CARD_PAYMENTS = False
    assert "card" not in text(owner.get("/billing/")).lower()
    refused = owner.post("/billing/card/", {"kind": "subscribe"}, follow=True)
    assert "Cards are not taken here." in text(refused)
