"""The figures that alarms go by, in the emulated CloudWatch."""

import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from openclaw_site.aws import clients
from openclaw_site.devstack.world import World
from openclaw_site.observe.selectors import provisionings_stuck
from openclaw_site.observe.tasks import metrics_publish
from tenants.gmail.tasks import tokens_sweep
from tenants.models import CustomerState, GmailConnection, GmailState, Provisioning, ProvisioningState
from tests.agents.factories import agent_of, make_run
from tests.factories import make_customer
from tests.observe.published import published

MODULES = Path(__file__).resolve().parent.parent.parent / "terraform" / "modules"
NOTHING = {
    "QueueLength/default": 0,
    "QueueAgeSeconds/default": 0,
    "QueueLength/provisioning": 0,
    "QueueAgeSeconds/provisioning": 0,
    "AgentRunsOpen": 0,
    "AgentsFailing": 0,
    "ProvisioningsStuck": 0,
    "GmailNeedsReconnect": 0,
}
pytestmark = pytest.mark.usefixtures("platform")


def test_a_quiet_platform_publishes_zeros(namespace: str) -> None:
    metrics_publish()
    assert published(namespace) == NOTHING


def test_trouble_is_counted(namespace: str) -> None:
    customer, leaving = make_customer(state="active"), make_customer(state=CustomerState.OFFBOARDING)
    agent = agent_of(customer)
    make_run(agent)
    make_run(agent_of(customer, "scout"), state="failed")
    agent.breaker_reason = "Three runs failed."
    agent.save()
    GmailConnection.objects.filter(tenant__in=[customer, leaving]).update(state=GmailState.NEEDS_RECONNECT)
    Provisioning.objects.create(tenant=customer, state=ProvisioningState.FAILED)
    tokens_sweep.delay()
    time.sleep(0.2)
    metrics_publish()
    found = published(namespace)
    assert 0.2 <= found.pop("QueueAgeSeconds/default") < 10
    assert found == {
        **{name: value for name, value in NOTHING.items() if name != "QueueAgeSeconds/default"},
        "QueueLength/default": 1,
        "AgentRunsOpen": 1,
        "AgentsFailing": 1,
        "ProvisioningsStuck": 1,
        "GmailNeedsReconnect": 1,
    }


LONG_AGO, SOON = timedelta(minutes=-6), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("state", "moments", "is_stuck"),
    [
        ("failed", {}, True),
        ("running", {"lease_until": LONG_AGO}, True),
        ("running", {"lease_until": SOON, "created_at": LONG_AGO}, False),
        ("retrying", {"next_attempt_at": LONG_AGO}, True),
        ("retrying", {"next_attempt_at": LONG_AGO, "lease_until": SOON}, False),
        ("retrying", {"next_attempt_at": SOON, "created_at": LONG_AGO}, False),
        ("queued", {"created_at": LONG_AGO}, True),
        ("queued", {}, False),
        ("waiting", {"created_at": LONG_AGO}, False),
        ("done", {"created_at": LONG_AGO}, False),
        ("cancelled", {"lease_until": LONG_AGO, "next_attempt_at": LONG_AGO}, False),
    ],
)
def test_which_onboardings_are_stuck(state: str, moments: dict[str, Any], is_stuck: bool) -> None:
    run = Provisioning.objects.create(tenant=make_customer(), state=state)
    now = timezone.now()
    # One whose lease ran out long ago was begun before that.
    moments = {"created_at": now, **{name: now + moment for name, moment in moments.items()}}
    moments["created_at"] = min(moments.values())
    Provisioning.objects.filter(pk=run.pk).update(**moments)
    assert provisionings_stuck().exists() is is_stuck


def test_without_a_namespace_nothing_is_called(settings: Any, faulty_cloudwatch: None) -> None:
    settings.METRICS_NAMESPACE = ""
    with connections["default"].execute_wrapper(_refuse):
        metrics_publish()


def _refuse(*args: Any) -> None:
    raise AssertionError("a statement")


def test_queues_are_told_of_when_the_database_is_away(namespace: str, caplog: Any) -> None:
    with connections["default"].execute_wrapper(_away):
        metrics_publish()
    assert published(namespace) == {name: 0 for name in NOTHING if name.startswith("Queue")}
    assert "work_figures were not measured: OperationalError" in caplog.text


def _away(*args: Any) -> None:
    from django.db import OperationalError

    raise OperationalError("the connection was lost")


def test_work_is_told_of_when_redis_is_away(namespace: str, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    metrics_publish()
    assert published(namespace) == {name: 0 for name in NOTHING if not name.startswith("Queue")}


def test_a_round_that_aws_does_not_take_is_only_logged(namespace: str, faulty_cloudwatch: None, caplog: Any) -> None:
    metrics_publish()
    assert "Metrics are not published, the next round tries again: PutMetricData" in caplog.text


@pytest.fixture
def faulty_cloudwatch(monkeypatch: pytest.MonkeyPatch, aws: World) -> Any:
    """AWS does not answer."""
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        clients.reset_clients()
        yield
    clients.reset_clients()


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("observability/alarms.tf", r'merge\(local\.own, {\s*metric = "(\w+)"'),
        ("observability/dashboard.tf", r'var\.metrics_namespace, "(\w+)"'),
        ("backoffice/autoscaling.tf", r'= var\.metrics_namespace\s+metric_name = "(\w+)"'),
    ],
)
def test_terraform_goes_by_names_that_are_published(file: str, pattern: str) -> None:
    names = set(re.findall(pattern, (MODULES / file).read_text()))
    assert names
    assert names <= {name.partition("/")[0] for name in NOTHING}
