"""What the dispatcher and the reconcile cost, beside a bare loop of boto3 calls; and how close they keep to the quota.

BENCH_AGENTS sets how many agents are due (300; the quota's claim is about 3,000). Half of the customers have connected
their Gmail: of them the dispatcher asks Google for news before it starts Butler and Scout, and the schema for leads
before it starts Writer; all of these find something to do. The rows say which part they are about. Tasks wait for room
in the embedded Fargate, so no process is started.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

from tests.bench.table import Row
from tests.world import WORLD

AGENTS = int(os.environ.get("BENCH_AGENTS", "300"))
# Our starts and bare ones take turns, so that both meet the same AWS, which gets slower with its tasks.
BLOCK, BLOCKS = 50, 6
# As beat calls the dispatcher, for a minute.
ROUNDS, ROUND_EVERY_SECONDS = 4, 15.0
# What AWS lets through (Amazon ECS endpoints and quotas, RunTask).
AWS_BURST, AWS_RATE_PER_SECOND = 100, 20.0


def measure() -> list[Row]:
    """The pace, the calls of a reconcile, a start. The pace first, while the embedded AWS is fast enough for it."""
    from tenants.isolation.context import enter_platform

    with mock.patch.object(WORLD.aws.fargate._engine, "_max_running", 0), enter_platform():
        _make_due(AGENTS)
        rows = _pace()
        _dispatch(AGENTS)
        rows.append(_reconcile())
        return [*rows, *(_start(connected=connected) for connected in (False, True))]


def _dispatch(most: int) -> int:
    """How many a round without a pace started."""
    from agents.services import agents_dispatch, dispatch

    with _unbounded(dispatch, most):
        return agents_dispatch(round_seconds=3600).started


def _start(*, connected: bool) -> Row:
    ours = bare = 0.0
    started = 0
    due = _due_again(connected=connected)
    for _ in range(BLOCKS):
        begun = time.perf_counter()
        block = _dispatch(BLOCK)
        ours += time.perf_counter() - begun
        bare += _bare(block)
        started += block
    ours, bare = ours * 1000 / started, bare * 1000 / started
    part = "each after a look" if connected else "no Gmail connected"
    what = f"a start by the dispatcher, {due} due, {part}, of {started}"
    return Row(what, ours, "a bare RunTask by boto3, one after the other", bare, "ms")


def _bare(number: int) -> float:
    """Seconds that so many calls take."""
    from agents.models import Agent, AgentRun
    from agents.services import launch

    agents = Agent.objects.select_related("tenant")[:number]
    calls = [_call(launch.task_spec(AgentRun(tenant=agent.tenant, agent=agent))) for agent in agents]
    client = WORLD.aws.client("ecs")
    begun = time.perf_counter()
    for call in calls:
        client.run_task(**call)
    return time.perf_counter() - begun


def _pace() -> list[Row]:
    """A minute of rounds, as beat calls them."""
    from django.test import override_settings

    from agents.services import agents_dispatch, dispatch

    calls: list[float] = []
    started = rounds = 0
    begun = time.monotonic()
    with override_settings(AGENT_MAX_RUNNING=AGENTS), _times_of_calls(calls):
        while rounds < ROUNDS and started < AGENTS:
            time.sleep(max(0.0, begun + rounds * ROUND_EVERY_SECONDS - time.monotonic()))
            started += agents_dispatch().started
            rounds += 1
    in_a_round = min(dispatch.BURST + dispatch.RATE_PER_SECOND * dispatch.ROUND_SECONDS, dispatch.MAX_A_ROUND)
    allowed = min(rounds * in_a_round, AGENTS)
    what = f"starts in {rounds} rounds, {AGENTS} due, {_agents(connected=True).count()} of them after a look"
    return [
        Row(what, started, "what the product's pace allows", allowed, "starts"),
        Row("most of AWS's burst that was in use", _most_used(calls), "AWS's burst", AWS_BURST, "calls"),
    ]


@contextmanager
def _times_of_calls(times: list[float]) -> Iterator[None]:
    """When RunTask was called, the client's own repetitions included."""
    from openclaw_site.aws.clients import client

    def note(**_: Any) -> None:
        times.append(time.monotonic())

    events = client("ecs").meta.events
    events.register("before-send.ecs.RunTask", note)
    yield
    events.unregister("before-send.ecs.RunTask", note)


def _most_used(times: list[float]) -> float:
    """How deep the calls went into a bucket like AWS's."""
    used = most = 0.0
    before = 0.0
    for at in sorted(times):
        used = max(0.0, used - (at - before) * AWS_RATE_PER_SECOND) + 1
        most, before = max(most, used), at
    return most


def _due_again(*, connected: bool) -> int:
    """Of all agents those of this part are due; how many there are."""
    from django.utils import timezone

    from agents.models import Agent, AgentRun

    AgentRun.objects.all().delete()
    Agent.objects.update(next_run_at=timezone.now() + timedelta(days=1))
    return _agents(connected=connected).update(next_run_at=None)


def _agents(*, connected: bool) -> Any:
    from agents.models import Agent
    from tenants.models import GmailState

    part = {"tenant__gmail__state": GmailState.CONNECTED}
    return Agent.objects.filter(**part) if connected else Agent.objects.exclude(**part)


def _reconcile() -> Row:
    from agents.models import AgentRun
    from agents.services import agent_runs_reconcile
    from openclaw_site.aws.clients import client

    calls: Counter[str] = Counter()
    client("ecs").meta.events.register("before-call.ecs", lambda model, **_: calls.update([model.name]))
    runs = AgentRun.objects.count()
    agent_runs_reconcile()
    return Row(f"ECS calls to reconcile {runs} runs", sum(calls.values()), "one for each 50 runs", runs / 50, "calls")


@contextmanager
def _unbounded(dispatch: Any, most: int) -> Iterator[None]:
    from django.test import override_settings

    bounds = {"RATE_PER_SECOND": 1e6, "BURST": most, "MAX_A_ROUND": most}
    with mock.patch.multiple(dispatch, **bounds), override_settings(AGENT_MAX_RUNNING=2 * AGENTS):
        yield


def _make_due(number: int) -> None:
    from agents.models import Agent
    from agents.services import agents_ensure
    from tests.agents.factories import MAILBOX
    from tests.factories import make_customer

    for place in range(number // 3):
        connected = place % 2 == 1
        customer = make_customer(state="active", **({"email": MAILBOX} if connected else {}))
        agents_ensure(customer=customer)
        if connected:
            _connect(customer)
    Agent.objects.update(next_run_at=None)


def _connect(customer: Any) -> None:
    """The customer's Gmail is connected; all three agents have something to do."""
    from django.utils import timezone

    from agents.workspace.models import InboxMessage, Lead, MailboxState
    from tenants.isolation.context import enter_customer
    from tenants.onboarding.steps.schema import SchemaStep
    from tests.agents.factories import connect_gmail

    SchemaStep().apply(customer)
    connect_gmail(WORLD, customer)
    with enter_customer(customer.id):
        for role in ("butler", "scout"):
            MailboxState.objects.create(tenant_id=customer.id, agent_role=role, history_id="0")
        # Gone over by its readers, so that Google has to be asked whether there is more.
        gone_over = dict.fromkeys(("received_at", "sorted_at", "scouted_at"), timezone.now())
        message = {"gmail_id": "m1", "thread_id": "t1", **gone_over}
        InboxMessage.objects.create(tenant_id=customer.id, **message)
        Lead.objects.create(tenant_id=customer.id, email="mia@new.example", evidence_message_id="m1")


def _call(spec: Any) -> dict[str, Any]:
    """The same request, spelled for boto3."""
    return {
        "cluster": spec.cluster,
        "taskDefinition": spec.task_definition,
        "clientToken": spec.client_token,
        "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}],
        "networkConfiguration": {
            "awsvpcConfiguration": {"subnets": list(spec.subnets), "securityGroups": list(spec.security_groups)}
        },
        "overrides": {
            "taskRoleArn": spec.task_role_arn,
            "containerOverrides": [
                {
                    "name": spec.container,
                    "environment": [{"name": name, "value": value} for name, value in spec.environment.items()],
                }
            ],
        },
        "tags": [{"key": key, "value": value} for key, value in spec.tags.items()],
    }
