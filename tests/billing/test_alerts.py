"""Who is told what, and once: budgets at 50, 80 and 100 %, and customers that cost more than they pay."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.utils import timezone

from billing.days import day_of, month_first
from billing.models import BudgetAlert, LossAlert, Plan
from billing.services import BUDGET, LOSS, alert_mail, budget_alerts_check, loss_alerts_check
from billing.tasks import usage_meter_late, usage_meter_today
from tenants.models import Customer, Membership, MembershipRole
from tests.agents.workspaces import make_customer_with_schema, spend
from tests.billing.buyers import pays
from tests.billing.usage import at, cost, old_customer
from tests.factories import make_staff, make_user

USD = 1_000_000
BUDGET_USD = 50  # The plan “team”.
NOW = at(26, 12)


@pytest.fixture
def customer() -> Customer:
    """With an owner, a member, and a schema for its agents."""
    customer = make_customer_with_schema(name="Aurora Dental", slug="aurora")
    for email, role in (
        ("owner@aurora.example", MembershipRole.OWNER),
        ("nurse@aurora.example", MembershipRole.MEMBER),
    ):
        Membership.objects.create(tenant=customer, user=make_user(email=email), role=role)
    return customer


def thresholds(customer: Customer) -> list[int]:
    return list(BudgetAlert.objects.filter(tenant=customer).order_by("month", "threshold_percent").values_list(
        "threshold_percent", flat=True
    ))  # fmt: skip


def check(now: datetime = NOW) -> list[str]:
    """One round of the clock: the subjects of the mails that went out."""
    before = len(mail.outbox)
    for alert_id in budget_alerts_check(now=now):
        alert_mail(kind=BUDGET, alert_id=alert_id)
    return [message.subject for message in mail.outbox[before:]]


def test_each_threshold_is_told_once(customer: Customer) -> None:
    steps = [(24, [], []), (1, [50], []), (14, [50], []), (1, [50, 80], ["80 % of this month's budget is used"])]
    for dollars, rows, subjects in steps:
        spend(customer, dollars * USD, at=at(20))
        assert (check(), thresholds(customer)) == (subjects, rows)
        assert check() == []
    spend(customer, 10 * USD, at=at(21))
    assert check() == ["Your agents rest until next month"]
    spend(customer, 90 * USD, at=at(22))
    assert (check(), thresholds(customer)) == ([], [50, 80, 100])


def test_of_several_thresholds_at_once_the_highest_is_mailed(customer: Customer) -> None:
    spend(customer, 60 * USD, at=at(20))
    assert check() == ["Your agents rest until next month"]
    assert thresholds(customer) == [50, 80, 100]
    assert check() == []


def test_the_owners_are_told_in_text_and_html_and_nobody_else(customer: Customer) -> None:
    spend(customer, 50 * USD, at=at(20))
    check()
    (message,) = mail.outbox
    assert message.to == ["owner@aurora.example"]
    assert "Aurora Dental's plan has for the language model in November is used up" in message.body
    assert "start again by themselves when the next month begins" in message.body
    html = message.alternatives[0]
    assert html.mimetype == "text/html" and "Aurora Dental&#x27;s" not in html.content
    assert "http://aurora.localhost" in message.body and "http://aurora.localhost" in html.content


def test_a_name_with_markup_stays_a_name(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(name="A <b>&</b> Co")
    spend(customer, 50 * USD, at=at(20))
    check()
    assert "A <b>&</b> Co" in mail.outbox[0].body
    assert "A &lt;b&gt;&amp;&lt;/b&gt; Co" in mail.outbox[0].alternatives[0].content


def test_a_new_month_begins_anew_at_midnight_utc(customer: Customer) -> None:
    spend(customer, 45 * USD, at=at(30, 23, 59))
    assert check(at(30, 23, 59, 30)) == ["80 % of this month's budget is used"]
    assert check(at(1, 0, 0, month=12)) == []
    spend(customer, 45 * USD, at=at(1, 0, 1, month=12))
    assert check(at(1, 0, 2, month=12)) == ["80 % of this month's budget is used"]
    assert set(BudgetAlert.objects.values_list("month", flat=True)) == {date(2026, 11, 1), date(2026, 12, 1)}


def test_without_a_plan_a_budget_or_a_schema_nobody_is_told_anything() -> None:
    Plan.objects.create(code="free", name="Free", price_cents=0, model_budget_cents=0)
    try:
        for plan in ("gone", "free"):
            spend(make_customer_with_schema(plan=plan), 50 * USD, at=at(20))
        old_customer()
        assert (check(), BudgetAlert.objects.count()) == ([], 0)
    finally:
        Plan.objects.filter(code="free").delete()


def test_a_mail_server_that_is_away_is_tried_again_and_no_mail_is_sent_twice(
    customer: Customer, settings: Any, eager: None
) -> None:
    spend(customer, 50 * USD)
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1
    usage_meter_today.delay()
    assert BudgetAlert.objects.get(threshold_percent=100).mailed_at is None
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for _ in range(3):
        usage_meter_today.delay()
    assert [message.subject for message in mail.outbox] == ["Your agents rest until next month"]


def test_an_alert_that_was_mailed_or_is_gone_is_not_mailed_again(customer: Customer) -> None:
    spend(customer, 50 * USD, at=at(20))
    (alert_id,) = budget_alerts_check(now=NOW)
    assert [alert_mail(kind=BUDGET, alert_id=alert_id) for _ in range(2)] == [True, False]
    BudgetAlert.objects.all().delete()
    assert alert_mail(kind=BUDGET, alert_id=alert_id) is False


def lose(customer: Customer, *, days: int, dollars: int, today: date) -> None:
    for number in range(1, days + 1):
        cost(customer, today - timedelta(days=number), "fargate.vcpu_second", dollars * USD)


def test_a_customer_that_loses_money_is_told_to_those_who_may_see_costs_once() -> None:
    bookkeeper, boss, other = (make_staff(is_superuser=False), make_staff(), make_staff(is_superuser=False))
    group = Group.objects.create(name="a test's billing")
    try:
        group.permissions.add(Permission.objects.get(codename="view_costentry"))
        bookkeeper.groups.add(group)
        loser, winner = old_customer(name="Birch Law", slug="birch", plan="starter"), old_customer(plan="starter")
        lose(loser, days=5, dollars=10, today=date(2026, 11, 26))
        lose(winner, days=5, dollars=2, today=date(2026, 11, 26))
        for one in (loser, winner):
            pays(one, date(2026, 11, 1), date(2026, 12, 1))
        for _ in range(2):
            for alert_id in loss_alerts_check(now=NOW):
                alert_mail(kind=LOSS, alert_id=alert_id)
        assert LossAlert.objects.count() == 0  # 50 USD so far and 50 to come: less than the 199 that it pays.
        lose_more = old_customer(name="Birch Law", slug="birch-two", plan="starter")
        lose(lose_more, days=5, dollars=30, today=date(2026, 11, 26))
        pays(lose_more, date(2026, 11, 1), date(2026, 12, 1))
        for _ in range(2):
            for alert_id in loss_alerts_check(now=NOW):
                alert_mail(kind=LOSS, alert_id=alert_id)
        alert = LossAlert.objects.get()
        assert (alert.tenant_id, alert.forecast_micro_usd) == (lose_more.pk, (150 + 5 * 30) * USD)
        assert sorted(address for message in mail.outbox for address in message.to) == sorted(
            [bookkeeper.email, boss.email]
        )
        assert other.email not in str(mail.outbox[0].to)
        assert mail.outbox[0].subject == "Birch Law costs more than it pays"
        assert "expected to cost 300.00 USD and pays 199.00 USD" in mail.outbox[0].body
        assert "cost_report --month 2026-11 --customer birch-two" in mail.outbox[0].alternatives[0].content
    finally:
        group.delete()


def test_two_days_say_too_little_and_unknown_revenue_says_nothing() -> None:
    for plan, days in (("starter", 2), ("gone", 10)):
        lose(old_customer(plan=plan), days=days, dollars=500, today=date(2026, 11, 26))
    assert loss_alerts_check(now=NOW) == []


@pytest.mark.parametrize(("dollars", "alerts"), [(19, 0), (21, 1)])
def test_after_a_trial_the_paid_days_stand_against_their_part_of_the_costs(dollars: int, alerts: int) -> None:
    customer = old_customer(plan="starter")
    pays(customer, date(2026, 11, 21), date(2026, 12, 21))  # 66.33 of the 199 USD; the part of the costs is a third.
    lose(customer, days=5, dollars=dollars, today=date(2026, 11, 26))
    loss_alerts_check(now=NOW)
    assert LossAlert.objects.count() == alerts


def test_the_daily_task_tells_of_losses_and_may_run_twice(eager: None) -> None:
    boss = make_staff()
    today = day_of(timezone.now())
    if today - month_first(today) < timedelta(days=3):
        pytest.skip("The month is too young for a forecast.")
    customer = old_customer(plan="starter")
    for number in (4, 5, 6, 7, 8):
        cost(customer, today - timedelta(days=number), "fargate.vcpu_second", 900 * USD)
    for _ in range(2):
        usage_meter_late.delay()
    assert [message.to for message in mail.outbox] == [[boss.email]]
