"""A plan says how often and when its customers' agents look, and they follow it, unless staff set them by hand."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from agents.models import Agent
from agents.plans import plan_terms
from agents.services import agent_desire, agents_ensure
from agents.services.follow import agents_follow_plans
from agents.services.schedule import in_hours
from billing import services
from billing.models import Plan, Subscription
from tenants.isolation.context import enter_platform
from tenants.models import Customer
from tenants.services import customer_onboard
from tests.admin.clients import signed_in
from tests.agents.factories import make_run
from tests.billing.buyers import on, pays
from tests.factories import make_customer, make_staff

TOKYO = "Asia/Tokyo"


@pytest.fixture(autouse=True)
def platform(database: None) -> Iterator[None]:
    with enter_platform():
        yield


@pytest.fixture
def office() -> Iterator[Plan]:
    """A plan whose agents look once an hour in office hours."""
    yield Plan.objects.create(
        code="office", name="Office", price_cents=9_900, run_interval_minutes=60, run_hours="office"
    )
    Subscription.objects.update(plan="team", next_plan=None)
    Plan.objects.filter(code="office").delete()


def follow() -> int:
    return agents_follow_plans(terms=plan_terms())


def schedule(customer: Customer) -> set[tuple[int, str]]:
    return set(Agent.objects.filter(tenant=customer).values_list("interval_minutes", "office_hours_in"))


def test_plans_that_there_were_run_around_the_clock() -> None:
    assert {(plan.run_hours, terms.in_office_hours) for plan, terms in zip(
        Plan.objects.order_by("code"), (terms for _, terms in sorted(plan_terms().items())), strict=True
    )} == {("always", False)}  # fmt: skip


def test_new_agents_keep_the_office_hours_of_their_customer(office: Plan) -> None:
    customer = make_customer(plan="office", time_zone=TOKYO)
    agents = agents_ensure(customer=customer)
    assert schedule(customer) == {(60, TOKYO)}
    for agent in agents:
        assert agent.next_run_at is not None
        assert in_hours(agent=agent, moment=agent.next_run_at) == agent.next_run_at
    assert follow() == 0


def test_agents_go_over_to_the_customers_new_plan_with_its_next_period(office: Plan) -> None:
    customer = make_customer(state="active", time_zone=TOKYO)
    agents_ensure(customer=customer)
    today = timezone.now().date()
    subscription = pays(customer, today - timedelta(days=30), today)
    services.subscription_change_plan(subscription=subscription, plan=office)
    assert (follow(), schedule(customer)) == (0, {(15, "")})
    on(today, subscription)
    assert (follow(), schedule(customer)) == (3, {(60, TOKYO)})
    assert follow() == 0


def test_a_plan_that_staff_change_and_another_time_zone_reach_the_agents(office: Plan) -> None:
    customer, other = make_customer(plan="office"), make_customer()
    for one in (customer, other):
        agents_ensure(customer=one)
    assert schedule(customer) == {(60, "UTC")}
    Customer.objects.filter(pk=customer.pk).update(time_zone=TOKYO)
    assert (follow(), schedule(customer)) == (3, {(60, TOKYO)})
    Plan.objects.filter(code="office").update(run_interval_minutes=30, run_hours="always")
    assert (follow(), schedule(customer), schedule(other)) == (3, {(30, "")}, {(15, "")})


def test_what_staff_set_by_hand_stays_until_they_put_it_back(office: Plan) -> None:
    customer = make_customer(plan="office")
    butler, scout, writer = agents_ensure(customer=customer)
    agent_desire(agent=butler, desired_state="scheduled", interval_minutes=45, actor=None)
    agent_desire(agent=scout, desired_state="scheduled", office_hours_in=TOKYO, actor=None)
    assert agent_desire(agent=writer, desired_state="always_on", interval_minutes=60, actor=None).follows_plan
    Plan.objects.filter(code="office").update(run_interval_minutes=30)
    assert follow() == 1
    found = dict(Agent.objects.filter(tenant=customer).values_list("role", "interval_minutes"))
    assert found == {"butler": 45, "scout": 60, "writer": 30}
    back = agent_desire(agent=scout, desired_state="scheduled", follows_plan=True, actor=None)
    assert (back.interval_minutes, back.office_hours_in, back.follows_plan) == (30, "UTC", True)
    Plan.objects.filter(code="office").update(run_interval_minutes=20)
    assert follow() == 2
    Customer.objects.filter(pk=customer.pk).update(plan="gone")
    with pytest.raises(ValidationError, match="no plan “gone”"):
        agent_desire(agent=butler, desired_state="scheduled", follows_plan=True, actor=None)


def test_the_next_run_is_within_the_new_interval_and_hours_and_a_wait_for_the_budget_goes_on(office: Plan) -> None:
    customer = make_customer(time_zone=TOKYO)
    butler, scout, writer = agents_ensure(customer=customer)
    now = timezone.now()
    far, month_end = now + timedelta(days=3), datetime(2099, 1, 1, 20, tzinfo=ZoneInfo("UTC"))
    Agent.objects.filter(pk__in=[butler.pk, writer.pk]).update(interval_minutes=1440, next_run_at=far)
    Agent.objects.filter(pk=scout.pk).update(spent_budget_cents=5_000, next_run_at=month_end)
    make_run(writer, state="running")
    assert follow() == 1
    butler.refresh_from_db()
    assert butler.next_run_at is not None and butler.next_run_at <= now + timedelta(minutes=16)
    Customer.objects.filter(pk=customer.pk).update(plan="office")
    assert follow() == 2
    scout.refresh_from_db()
    assert scout.next_run_at is not None
    local = scout.next_run_at.astimezone(ZoneInfo(TOKYO))
    assert (local.date(), local.hour) == (date(2099, 1, 2), 7) or local.weekday() < 5
    assert scout.next_run_at >= month_end
    writer.refresh_from_db()
    assert writer.interval_minutes == 1440


@pytest.mark.parametrize(("given", "kept"), [("", "Europe/Lisbon"), (TOKYO, TOKYO)])
def test_a_new_customer_is_where_staff_say_or_where_the_company_s_are(given: str, kept: str, settings: Any) -> None:
    settings.CUSTOMER_TIME_ZONE = "Europe/Lisbon"
    values = {"name": "A", "email": "a@a.example", "slug": "a1", "plan": "team", "region": settings.AWS_REGION}
    assert customer_onboard(**values, time_zone=given).time_zone == kept
    with pytest.raises(ValidationError, match="no time zone"):
        customer_onboard(**{**values, "slug": "a2"}, time_zone="Mars/Olympus")


def test_staff_choose_the_hours_and_everybody_reads_them(office: Plan) -> None:
    Plan.objects.filter(code="office").update(run_hours="always")
    staff: Client = signed_in(make_staff().email)
    form = {
        "name": "Office", "price_cents": "9900", "currency": "USD", "run_interval_minutes": "60", "trial_days": "14",
        "model_budget_cents": "2500", "mail_retention_days": "60", "is_active": "on", "run_hours": "office",
    }  # fmt: skip
    assert staff.post("/billing/plan/office/change/", form).status_code == 302
    assert plan_terms()["office"].in_office_hours
    prices = Client(headers={"host": "localhost"}).get("/prices/").content.decode()
    assert "The agents look every 60 minutes in office hours (Monday to Friday, 7:00 to 19:00)" in prices
    assert "The agents look every 15 minutes, around the clock" in prices
