"""What is left of what customers pay, by customer, plan and in all. Platform context. Millionths of a US dollar."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from billing.selectors.costs import costs_by_customer
from billing.selectors.revenue import Revenue, revenue
from tenants.models import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """One line: a customer, a plan or the total. `groups` are the costs by group.

    `expected_micro_usd` is how much of the revenue nobody has invoiced yet.
    """

    name: str
    plan: str = ""
    customer_id: uuid.UUID | None = None
    customers: int = 1
    revenue_micro_usd: int
    expected_micro_usd: int = 0
    cost_micro_usd: int
    groups: dict[str, int] = field(default_factory=dict)
    problem: str = ""

    @property
    def margin_micro_usd(self) -> int:
        """What is left; below 0 it is a loss."""
        return self.revenue_micro_usd - self.cost_micro_usd

    @property
    def margin_percent(self) -> float | None:
        """Of the revenue; None without any."""
        return round(self.margin_micro_usd * 100 / self.revenue_micro_usd, 1) if self.revenue_micro_usd else None


def margin_by_customer(*, month: date, today: date) -> list[Margin]:
    """A line for each customer that paid or cost something in the month with this first day, by name.

    Customers that have closed since are among them. What was shared by nobody is the last line, without a customer.
    """
    costs, paid = costs_by_customer(month=month), revenue(month=month, today=today)
    customers = Customer.objects.filter(pk__in={*paid, *(pk for pk in costs if pk)}).order_by("name", "pk")
    lines = [_line(customer, paid.get(customer.pk, Revenue()), costs.get(customer.pk, {})) for customer in customers]
    if None in costs:
        groups = costs[None]
        cost = sum(groups.values())
        lines.append(Margin(name="(no customer)", customers=0, revenue_micro_usd=0, cost_micro_usd=cost, groups=groups))
    return lines


def margin_by_plan(*, lines: Iterable[Margin]) -> list[Margin]:
    """The same lines added up by the plan that customers have now, plans that are gone among them."""
    plans: dict[str, list[Margin]] = {}
    for line in lines:
        plans.setdefault(line.plan, []).append(line)
    return [_sum(plan or "(no customer)", plan, members) for plan, members in sorted(plans.items())]


def margin_total(*, lines: Iterable[Margin]) -> Margin:
    """All lines added up."""
    return _sum("Total", "", list(lines))


def _line(customer: Customer, paid: Revenue, groups: dict[str, int]) -> Margin:
    return Margin(
        name=customer.name,
        plan=customer.plan,
        customer_id=customer.pk,
        revenue_micro_usd=paid.micro_usd,
        expected_micro_usd=paid.expected_micro_usd,
        cost_micro_usd=sum(groups.values()),
        groups=groups,
        problem=paid.problem,
    )


def _sum(name: str, plan: str, lines: list[Margin]) -> Margin:
    groups: dict[str, int] = {}
    for line in lines:
        for group, amount in line.groups.items():
            groups[group] = groups.get(group, 0) + amount
    return Margin(
        name=name,
        plan=plan,
        customers=sum(line.customers for line in lines),
        revenue_micro_usd=sum(line.revenue_micro_usd for line in lines),
        expected_micro_usd=sum(line.expected_micro_usd for line in lines),
        cost_micro_usd=sum(line.cost_micro_usd for line in lines),
        groups=groups,
        problem="; ".join(sorted({line.problem for line in lines if line.problem})),
    )
