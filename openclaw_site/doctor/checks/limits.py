"""The account's quotas and PostgreSQL's connections, against the customers there are; the cost allocation tag."""

from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Count

from agents.models import Agent, DesiredState
from agents.services.dispatch import RATE_PER_SECOND
from openclaw_site.aws import facts
from openclaw_site.aws.errors import AccessDenied, AwsError
from openclaw_site.doctor.findings import Finding, ok, problem, skipped, warning
from tenants.isolation.context import enter_platform
from tenants.models import Customer, CustomerState

TENANT_TAG: Final = "TenantID"
# Besides customers' roles the platform has about twenty, and AWS a few of its own.
_OTHER_ROLES: Final = 40
# What web, worker, provisioner and commands hold together, and the superusers' reserve.
_OTHER_CONNECTIONS: Final = 40
_VCPU_A_TASK: Final = 0.5
# Sustained, with bursts of 100: Amazon ECS API Reference, "Request throttling for the Amazon ECS API".
_RUN_TASK_PER_SECOND: Final = 20


def against_customers(process: str) -> Iterator[Finding]:
    """Fargate's vCPUs, RunTask's rate, IAM's roles and PostgreSQL's connections."""
    with enter_platform(), connection.cursor() as cursor:
        starts = _most_starts_per_second()
        customers = Customer.objects.exclude(state=CustomerState.CLOSED).count()
        cursor.execute("SELECT current_setting('max_connections')::int")
        most = int(cursor.fetchone()[0])
    running = settings.AGENT_MAX_RUNNING
    if running + _OTHER_CONNECTIONS > most:
        yield warning(
            f"AGENT_MAX_RUNNING is {running}, and PostgreSQL takes {most} connections in all.",
            f"Set it to {max(1, most - _OTHER_CONNECTIONS)} at most, or take a larger database.",
        )
    else:
        yield ok(f"{customers} customers, {running} agents at once, {most} connections.")
    yield _starts(starts)
    if process != "operator":
        yield skipped("The account's quotas are looked at by the one-off task.")
        return
    yield from _fargate(running)
    yield _roles(customers)


def _most_starts_per_second() -> float:
    """Of all scheduled agents, each having something to do whenever it is due."""
    scheduled = Agent.objects.filter(desired_state=DesiredState.SCHEDULED).exclude(tenant__state=CustomerState.CLOSED)
    by_interval = scheduled.values_list("interval_minutes").annotate(Count("pk"))
    return float(sum(agents / (minutes * 60) for minutes, agents in by_interval))


def _starts(most: float) -> Finding:
    if most > RATE_PER_SECOND:
        return warning(
            f"Agents are due {most:.1f} times a second, and {RATE_PER_SECOND:g} RunTask calls a second are made at "
            f"most (AWS takes {_RUN_TASK_PER_SECOND}): with mail for all of them they fall behind.",
            "Let them run less often: lengthen their interval, in the admin or by plan.",
        )
    return ok(f"Agents are due {most:.2f} times a second at most; {RATE_PER_SECOND:g} can be started.")


def _fargate(running: int) -> Iterator[Finding]:
    needed = running * _VCPU_A_TASK
    for kind, code in (("on-demand", facts.FARGATE_ON_DEMAND), ("Spot", facts.FARGATE_SPOT)):
        quota = facts.fargate_vcpu_quota(code)
        if quota is None:
            yield skipped(f"AWS does not tell the quota of Fargate {kind} vCPUs.")
        elif quota < needed:
            yield warning(
                f"The account may run {quota:g} {kind} vCPUs; {running} agents at once take {needed:g}.",
                f"Ask for more (Service Quotas, Fargate, {code}), or lower AGENT_MAX_RUNNING "
                f"to {int(quota / _VCPU_A_TASK)}.",
            )
        else:
            yield ok(f"Fargate {kind}: {quota:g} vCPUs, {needed:g} needed.")


def _roles(customers: int) -> Finding:
    usage = facts.role_usage()
    if usage is None:
        return skipped("AWS does not tell the quota of IAM roles.")
    used, quota = usage
    if used + _OTHER_ROLES >= quota:
        return problem(
            f"{used} of {quota} IAM roles are used: the next onboarding fails.",
            "Ask for more (Service Quotas, IAM, roles per account; 5,000 at most), or open a second account.",
        )
    if used > 0.8 * quota:
        return warning(
            f"{used} of {quota} IAM roles are used.", "Ask for more: Service Quotas, IAM, roles per account."
        )
    return ok(f"{used} of {quota} IAM roles are used, one a customer ({customers}).")


def cost_tag(process: str) -> Iterator[Finding]:
    """Whether AWS splits costs by TenantID. It can't be activated before billing has seen it, which takes a day."""
    if process != "operator":
        yield skipped("Billing is looked at by the one-off task.")
        return
    try:
        status = facts.cost_tag_status(TENANT_TAG)
    except AccessDenied:
        raise
    except AwsError as error:
        # Nothing runs any worse without it.
        yield warning(f"Billing does not answer: {error.code or type(error).__name__}.", error.next_action)
        return
    if status is None:
        yield warning(
            f"Billing does not know the tag {TENANT_TAG} yet.",
            "Nothing, if the first agent ran less than a day ago. Then run `manage.py doctor --activate-cost-tag`.",
        )
    elif status != "Active":
        yield warning(f"The tag {TENANT_TAG} is not active in billing.", "Run `manage.py doctor --activate-cost-tag`.")
    else:
        yield ok(f"Billing splits costs by {TENANT_TAG}.")


def cost_tag_activate() -> Finding:
    """AWS splits costs by TenantID from now on. Safe to repeat. Raises AwsError."""
    if facts.cost_tag_status(TENANT_TAG) is None:
        return problem(f"Billing does not know the tag {TENANT_TAG} yet.", "Wait a day after the first agent ran.")
    facts.cost_tag_activate(TENANT_TAG)
    return ok(f"Billing splits costs by {TENANT_TAG} from now on; past costs stay as they are.")
