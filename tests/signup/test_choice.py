"""Subdomain and plan: what can't be had, at the form and afterwards, and what the prices page offers."""

from typing import Any

import pytest
from django.utils import timezone

from billing.models import Plan
from tenants.isolation.context import enter_platform
from tenants.models import Customer, Signup
from tenants.signup import tasks
from tests.factories import make_customer
from tests.portal.test_team import at_once
from tests.signup.newcomer import EMAIL, NOBODYS, Newcomer, link, owners, signups


def test_of_two_who_want_one_subdomain_the_later_chooses_another() -> None:
    first, second = Newcomer(), Newcomer()
    first.signs_up()
    second.signs_up(email="jonas@fernweh-travel.example", company="Fernweh")
    second_link = link()
    first.confirms(link(0))
    second.confirms(second_link)
    assert "took this address" in second.text("/sign-up/progress/")
    again = second.client.post("/sign-up/progress/choose/", {"subdomain": "harborline", "plan": "team"})
    assert again.status_code == 422
    second.client.post("/sign-up/progress/choose/", {"subdomain": "fernweh", "plan": "team"})
    assert "steps are done" in second.text("/sign-up/progress/")
    assert sorted(slug for _, slug, _ in owners()) == ["fernweh", "harborline"]


@pytest.mark.parametrize("fate", ["retired", "deleted"])
def test_plan_that_is_no_longer_sold_is_refused_at_the_form_and_chosen_anew_later(fate: str) -> None:
    with enter_platform():
        plan = Plan.objects.create(code="weekend", name="Weekend", price_cents=100)
    try:
        visitor = Newcomer()
        visitor.signs_up(plan="weekend")
        with enter_platform():
            plan.delete() if fate == "deleted" else Plan.objects.filter(code="weekend").update(is_active=False)
        assert "not sold any more" in Newcomer().signs_up(plan="weekend").content.decode()
        visitor.confirms()
        assert "not sold any more" in visitor.text("/sign-up/progress/")
        visitor.client.post("/sign-up/progress/choose/", {"subdomain": "harborline", "plan": "team"})
        with enter_platform():
            assert Customer.objects.values_list("plan", "slug", "name").get() == (
                "team", "harborline", "Harborline Roofing",
            )  # fmt: skip
        assert "steps are done" in visitor.text("/sign-up/progress/")
    finally:
        with enter_platform():
            Plan.objects.filter(code="weekend").delete()


def test_of_two_who_are_made_at_the_same_moment_one_gets_the_subdomain() -> None:
    for number in range(2):
        Newcomer().signs_up(email=f"owner{number}@example.com")
    with enter_platform():
        Signup.objects.update(state="confirmed", confirmed_at=timezone.now())
    ids = [str(one.id) for one in signups()]
    assert at_once(*[lambda one=one: tasks.signup_make(one) for one in ids]) == ["done", "done"]
    assert sorted(one.state for one in signups()) == ["choosing", "made"]
    assert [slug for _, slug, _ in owners()] == ["harborline"]


def test_subdomain_that_staff_gave_away_meanwhile_is_chosen_anew_and_nothing_typed_is_lost() -> None:
    visitor = Newcomer()
    visitor.signs_up()
    make_customer(slug="harborline")
    visitor.confirms()
    assert "took this address" in visitor.text("/sign-up/progress/")
    visitor.client.post("/sign-up/progress/choose/", {"subdomain": "harborline-2", "plan": "team"})
    assert owners() == [(EMAIL, "harborline-2", "owner")]
    with enter_platform():
        assert Customer.objects.get(slug="harborline-2").name == "Harborline Roofing"


@pytest.mark.parametrize("name", NOBODYS)
def test_reserved_and_lookalike_subdomains_are_refused_live_and_at_the_form(name: str) -> None:
    visitor = Newcomer()
    live = visitor.client.get("/sign-up/subdomain/", {"subdomain": name}).content.decode()
    assert "error" in live
    assert "is free" not in live
    assert visitor.signs_up(subdomain=name).status_code == 422
    assert signups() == []


@pytest.mark.parametrize("name", ["desk", "de5k"])
def test_name_of_our_own_host_is_nobody_elses_whatever_it_is_called(name: str, settings: Any) -> None:
    settings.ADMIN_HOST = "desk.localhost"
    assert "is free" not in Newcomer().text(f"/sign-up/subdomain/?subdomain={name}")


@pytest.mark.parametrize("state", ["active", "closed"])
def test_taken_subdomain_is_refused_live_and_at_the_form_also_after_its_customer_left(state: str) -> None:
    customer, visitor = make_customer(slug="acme", state=state), Newcomer()
    if state == "closed":
        with enter_platform():
            customer.domains.all().delete()
    assert "has this address" in visitor.text("/sign-up/subdomain/?subdomain=ACME")
    assert "is free" in visitor.text("/sign-up/subdomain/?subdomain=acme-2")
    assert visitor.signs_up(subdomain="acme").status_code == 422


def test_plan_of_the_address_is_chosen_already() -> None:
    text = Newcomer().text("/sign-up/?plan=starter")
    assert 'value="starter" id="id_plan_0" required checked' in text.replace("  ", " ") or "checked" in text


def test_prices_are_those_of_the_plans_that_are_sold() -> None:
    text = Newcomer().text("/prices/")
    for words in ("Starter", "$199.00", "?plan=starter", "$1,200.00", "days to try it, without a card"):
        assert words in text
    with enter_platform():
        Plan.objects.filter(code="starter").update(is_active=False, currency="JPY")
        Plan.objects.filter(code="team").update(currency="JPY", price_cents=50_000)
    try:
        text = Newcomer().text("/prices/")
        assert "?plan=starter" not in text
        assert "¥50,000" in text, "a yen has no smaller unit"
    finally:
        with enter_platform():
            Plan.objects.filter(code__in=["starter", "team"]).update(is_active=True, currency="USD")
    assert "Three agents for your inbox" in Newcomer().text("/")
