"""A worker dies, or hangs, inside each step; another one goes on, and what stands at the end is the same."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import pytest

from agents.models import Agent, AgentRun, AgentRunState
from openclaw_site.aws import secrets
from tenants.models import CustomerState, GmailState, Provisioning, ProvisioningState, StepState, TokenOutbox
from tenants.onboarding.services import provisionings_sweep
from tests.faults.aws_proxy import AwsProxy
from tests.faults.locks import CatalogLock
from tests.faults.standing import ROLES, assert_first_four_whole, onboard_with_consent, standing, tasks
from tests.faults.workers import Worker, wait_for
from tests.onboarding.runs import onboard, step_of

pytestmark = pytest.mark.usefixtures("platform")


class Held(Protocol):
    """Something at which a worker is kept waiting."""

    def wait_until_reached(self) -> None: ...
    def release(self) -> None: ...


@contextmanager
def held_call(proxy: AwsProxy, action: str, *, after: bool = False) -> Iterator[Held]:
    hold = proxy.hold(action, after=after)
    try:
        yield hold
    finally:
        hold.release()


# Where the worker is killed: the step, and how it is kept inside it.
PLACES: list[tuple[str, Callable[[AwsProxy], AbstractContextManager[Held]]]] = [
    ("schema", lambda _: CatalogLock("pg_namespace")),  # Before the schema exists,
    ("schema", lambda _: CatalogLock("pg_policy")),  # with tables, without policies.
    ("database_role", lambda _: CatalogLock("pg_authid")),  # Before the login exists,
    ("database_role", lambda _: CatalogLock("pg_db_role_setting")),  # without its settings and grants.
    ("storage_prefix", lambda proxy: held_call(proxy, "s3:PutObject", after=True)),  # Made, unknown to us.
    ("iam_role", lambda proxy: held_call(proxy, "iam:CreateRole", after=True)),  # Made, unknown to us,
    ("iam_role", lambda proxy: held_call(proxy, "iam:AttachRolePolicy")),  # without its policy.
    ("gmail_secret", lambda proxy: held_call(proxy, "secretsmanager:CreateSecret", after=True)),  # Made, unknown to us.
    ("agents", lambda proxy: held_call(proxy, "ecs:RunTask", after=True)),  # One runs, unknown to us.
    ("proof_of_life", lambda proxy: held_call(proxy, "ecs:DescribeTasks")),  # While they prove themselves.
]


def swept(run: Provisioning, state: str) -> bool:
    """Sweeps, as the beat does, and says whether the run has come to `state`."""
    provisionings_sweep()
    run.refresh_from_db()
    return run.state == state


def test_killed_inside_every_step_the_run_ends_in_the_same_state(proxy: AwsProxy) -> None:
    customer, run = onboard_with_consent()
    for number, (name, place) in enumerate(PLACES, start=1):
        with place(proxy) as held, Worker() as victim:
            wait_for(
                # The row of a killed worker says "running" too: only the fencing number tells whose claim it is.
                lambda n=number: swept(run, ProvisioningState.RUNNING) and run.fencing == n,
                what=f"a worker's claim, for {name}",
            )
            held.wait_until_reached()
            assert step_of(run, name).state == StepState.RUNNING
            victim.send(signal.SIGKILL)
            victim.process.wait()
    with Worker():
        wait_for(lambda: swept(run, ProvisioningState.DONE), what="the end of the run", seconds=40)

    customer.refresh_from_db()
    assert customer.state == CustomerState.ACTIVE
    assert [(row.name, row.state, row.attempts) for row in run.steps.all()][:-1] == [
        ("schema", StepState.DONE, 3),
        ("database_role", StepState.DONE, 3),
        ("storage_prefix", StepState.DONE, 2),
        ("iam_role", StepState.DONE, 3),
        ("gmail_secret", StepState.DONE, 2),
        ("agents", StepState.DONE, 2),
    ]
    assert_first_four_whole(customer)
    assert standing(customer) == {"schemas": 1, "logins": 1, "objects": 1, "roles": 1, "secrets": 1, "tasks": 3}
    assert secrets.get_secret(name=customer.secret_name)["refresh_token"]
    assert (customer.gmail.state, TokenOutbox.objects.count()) == (GmailState.CONNECTED, 0)
    assert sorted(agent.role for agent in Agent.objects.filter(tenant=customer)) == list(ROLES)
    assert {(row.agent.role, row.state) for row in AgentRun.objects.select_related("agent")} == {
        (role, AgentRunState.SUCCEEDED) for role in ROLES
    }
    assert {info.arn for info in tasks(customer)} == {row.task_arn for row in AgentRun.objects.all()}


@pytest.mark.usefixtures("first_four")
def test_a_worker_that_wakes_up_after_another_took_over_writes_nothing(proxy: AwsProxy) -> None:
    customer, run = onboard()
    hold = proxy.hold("iam:CreateRole")
    with Worker() as sleeper:
        hold.wait_until_reached()
        sleeper.send(signal.SIGSTOP)
        with Worker():
            wait_for(lambda: swept(run, ProvisioningState.DONE), what="the end of the run")
        before = [vars(row) | {"_state": None} for row in run.steps.all()]
        fencing = run.fencing
        hold.release()
        sleeper.send(signal.SIGCONT)
        wait_for(lambda: "no longer ours" in sleeper.log, what="the sleeper's notice")
    run.refresh_from_db()
    assert (run.state, run.fencing) == (ProvisioningState.DONE, fencing)
    assert [vars(row) | {"_state": None} for row in run.steps.all()] == before
    assert_first_four_whole(customer)


@pytest.mark.usefixtures("first_four")
def test_a_long_step_keeps_its_lease(proxy: AwsProxy) -> None:
    _, run = onboard()
    hold = proxy.hold("iam:CreateRole")
    with Worker():
        hold.wait_until_reached()
        run.refresh_from_db()
        first = run.lease_until
        assert first is not None

        def renewed_past_the_first_lease() -> bool:
            provisionings_sweep()  # Nobody is handed a run that is kept.
            run.refresh_from_db()
            return run.lease_until is not None and (run.lease_until - first).total_seconds() > 1.5

        wait_for(renewed_past_the_first_lease, what="the renewal of the lease")
        assert run.fencing == 1
        hold.release()
        wait_for(lambda: swept(run, ProvisioningState.DONE), what="the end of the run")
    assert run.fencing == 1
    assert step_of(run, "iam_role").attempts == 1
