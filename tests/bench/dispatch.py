"""What the dispatcher and the reconcile cost, beside a bare loop of boto3 calls; and how close they keep to the quota.

BENCH_AGENTS sets how many agents are due (300; the quota's claim is about 3,000). Tasks wait for room in the embedded
Fargate, so no process is started.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from tests.bench.table import Row
from tests.world import WORLD

AGENTS = int(os.environ.get("BENCH_AGENTS", "300"))
PACED_SECONDS = 20.0


def measure() -> list[Row]:
    """A start, the pace, the calls of a reconcile."""
    from tenants.isolation.context import enter_platform

    with mock.patch.object(WORLD.aws.fargate._engine, "_max_running", 0), enter_platform():
        _make_due(AGENTS)
        dispatched = _dispatched()
        return [_reconcile(), _start(*dispatched), _pace()]


def _dispatched() -> tuple[float, int]:
    """Milliseconds a start, and how many, of a round without bounds; its runs stay open."""
    from agents.services import agents_dispatch, dispatch

    with _unbounded(dispatch):
        begun = time.perf_counter()
        done = agents_dispatch(round_seconds=3600)
        return (time.perf_counter() - begun) * 1000 / done.started, done.started


def _start(ours: float, started: int) -> Row:
    from agents.models import Agent, AgentRun
    from agents.services import launch

    agents = Agent.objects.select_related("tenant")[:started]
    calls = [_call(launch.task_spec(AgentRun(tenant=agent.tenant, agent=agent))) for agent in agents]
    client = WORLD.aws.client("ecs")
    begun = time.perf_counter()
    for call in calls:
        client.run_task(**call)
    bare = (time.perf_counter() - begun) * 1000 / len(calls)
    return Row(f"a start by the dispatcher, of {started}", ours, "a bare RunTask by boto3", bare, "ms")


def _pace() -> Row:
    from agents.models import Agent, AgentRun
    from agents.services import agents_dispatch, dispatch

    AgentRun.objects.all().delete()
    Agent.objects.update(next_run_at=None)
    begun = time.monotonic()
    done = agents_dispatch(round_seconds=PACED_SECONDS)
    allowed = dispatch.BURST + dispatch.RATE_PER_SECOND * (time.monotonic() - begun)
    due = min(allowed, AGENTS, dispatch.MAX_A_ROUND)
    return Row("starts in a round at the product's own pace", done.started, "what the pace allows", due, "starts")


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
def _unbounded(dispatch: Any) -> Iterator[None]:
    from django.test import override_settings

    bounds = {"RATE_PER_SECOND": 1e6, "BURST": AGENTS, "MAX_A_ROUND": AGENTS}
    with mock.patch.multiple(dispatch, **bounds), override_settings(AGENT_MAX_RUNNING=AGENTS):
        yield


def _make_due(number: int) -> None:
    from agents.models import Agent
    from agents.services import agents_ensure
    from tests.factories import make_customer

    for _ in range(number // 3):
        agents_ensure(customer=make_customer(state="active"))
    Agent.objects.update(next_run_at=None)


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
