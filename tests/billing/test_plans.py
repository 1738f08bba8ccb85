"""Plans, and what they say of their customers' agents."""

import html
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection
from django.db.models import ProtectedError
from django.test import Client

from agents.errors import PlanMissing
from agents.plans import plan_terms, terms_of
from agents.services import agents_ensure
from agents.services.launch import agent_environment
from billing.models import Plan, Subscription
from billing.services import subscription_begin
from tenants.isolation.context import enter_platform
from tenants.models import Customer
from tests.admin.clients import signed_in
from tests.factories import make_customer, make_staff


@pytest.fixture(autouse=True)
def platform(database: None) -> Iterator[None]:
    with enter_platform():
        yield


@pytest.fixture
def plan() -> Iterator[Plan]:
    """One more plan than there are."""
    yield Plan.objects.create(
        code="weekend",
        name="Weekend",
        price_cents=9_900,
        run_interval_minutes=120,
        model_budget_cents=1_234,
        mail_retention_days=45,
    )
    Plan.objects.filter(code="weekend").delete()


def test_the_plans_that_we_start_with_give_a_tenth_of_their_price_to_the_model() -> None:
    plans = Plan.objects.filter(code__in=["starter", "team", "always-on"])
    budgets = {plan.code: (plan.price_cents, plan.model_budget_cents, plan.mail_retention_days) for plan in plans}
    assert budgets == {
        "starter": (19_900, 2_000, 90), "team": (50_000, 5_000, 90), "always-on": (120_000, 12_000, 90),
    }  # fmt: skip


def test_an_agent_is_told_its_plans_budget_in_millionths_of_a_dollar(plan: Plan) -> None:
    customer = make_customer(plan="weekend")
    (butler, *_) = agents_ensure(customer=customer)
    cents = terms_of(customer.plan).model_budget_cents
    told = agent_environment(customer=customer, role="butler", run_id=butler.pk, mode="once", model_budget_cents=cents)
    assert told["MODEL_BUDGET_MICRO_USD"] == "12340000"
    assert not {"MODEL_ID", "MODEL_REGION", "MODEL_ENDPOINT"} & told.keys()  # The task definition's.


def test_new_agents_take_their_plans_interval_and_those_that_exist_keep_theirs(plan: Plan) -> None:
    customer = make_customer(plan="weekend")
    assert [agent.interval_minutes for agent in agents_ensure(customer=customer)] == [120, 120, 120]
    Plan.objects.filter(code="weekend").update(run_interval_minutes=60)
    assert [agent.interval_minutes for agent in agents_ensure(customer=customer)] == [120, 120, 120]


def test_a_plan_that_nobody_new_can_have_keeps_its_terms(plan: Plan) -> None:
    Plan.objects.filter(code="weekend").update(is_active=False)
    assert plan_terms()["weekend"].mail_retention_days == 45


def test_a_plan_that_does_not_exist_says_what_to_do() -> None:
    with pytest.raises(PlanMissing) as missing:
        agents_ensure(customer=make_customer(plan="platinum"))
    assert str(missing.value) == "There is no plan “platinum”."
    assert "Make a plan" in missing.value.next_action


@pytest.mark.parametrize("days", [29, 3_651, 2_000_000_000])
def test_no_plan_keeps_mail_shorter_or_longer_than_we_promise(plan: Plan, days: int) -> None:
    with pytest.raises(IntegrityError, match="plan_mail_retention_days"):
        Plan.objects.filter(code="weekend").update(mail_retention_days=days)


def test_a_program_that_knows_nothing_of_the_terms_can_make_a_plan() -> None:
    """As the release before does, between the migrations and its restart."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_plan (code, name, price_cents, currency, run_interval_minutes, is_active)"
            " VALUES ('weekend', 'Weekend', 9900, 'USD', 120, true)"
        )
    made = Plan.objects.get(code="weekend")
    made.delete()
    assert (made.model_budget_cents, made.mail_retention_days) == (2_000, 90)


def test_staff_change_a_plans_terms_and_can_not_delete_it(plan: Plan) -> None:
    staff: Client = signed_in(make_staff().email)
    page = "/billing/plan/weekend/change/"
    form = {
        "name": "Weekend", "price_cents": "9900", "currency": "USD", "run_interval_minutes": "120",
        "model_budget_cents": "2500", "mail_retention_days": "60", "is_active": "on",
        "trial_days": "14", "run_hours": "always",
    }  # fmt: skip
    assert staff.post(page, form).status_code == 302
    terms = plan_terms()["weekend"]
    assert (terms.model_budget_micro_usd, terms.mail_retention_days) == (25_000_000, 60)
    refused = staff.post(page, {**form, "mail_retention_days": "7"})
    assert "greater than or equal to 30" in refused.content.decode()
    refused = staff.post(page, {**form, "mail_retention_days": "800000"})
    assert "less than or equal to 3650" in refused.content.decode()


def test_a_plan_that_is_used_is_not_deleted_and_staff_are_told_what_to_do_instead(plan: Plan) -> None:
    customer = make_customer(plan="weekend", state="active")
    subscription = subscription_begin(customer=customer, agreed=True)
    staff, nobody = signed_in(make_staff().email), signed_in(make_staff(is_superuser=False).email)
    page, form = "/billing/plan/weekend/change/", {"post": "yes"}
    assert nobody.post("/billing/plan/weekend/delete/", form).status_code == 403
    for customers in ("1 customer goes by it", "invoices may name it"):
        assert staff.post("/billing/plan/weekend/delete/", form)["Location"] == page
        text = html.unescape(staff.get(page).content.decode())
        assert f"Weekend is not deleted: {customers}. Untick “Is active” to sell it no more" in text
        Customer.objects.filter(pk=customer.pk).update(plan="team")
    assert "delete_selected" not in staff.get("/billing/plan/").content.decode()
    with pytest.raises(ProtectedError):
        plan.delete()
    assert Subscription.objects.get(pk=subscription.pk).plan == plan
    Subscription.objects.all().delete()
