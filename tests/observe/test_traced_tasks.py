"""Tasks and the calls they make, as a collector is told of them, and what is not traced."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import Agent
from agents.tasks import agents_dispatch
from openclaw_site.aws.clients import client
from openclaw_site.devstack.world import World
from openclaw_site.observe.tasks import metrics_publish
from tenants.gmail.tasks import connection_check
from tenants.isolation.context import enter_platform
from tenants.models import Customer
from tenants.onboarding.tasks import provisioning_run
from tests.agents.cluster import Cluster
from tests.agents.factories import agent_of
from tests.factories import make_customer
from tests.faults.workers import ROOT, wait_for
from tests.observe.collector import Collector
from tests.observe.tracing import celery, told, worker
from tests.onboarding.runs import onboard
from tests.portal.visitors import PUBLIC, make_member


def test_calls_of_aws_and_redis_are_told_by_their_operation(
    settings: Any, collector: Collector, aws: World, namespace: str, database: None
) -> None:
    def round_of_work() -> None:
        metrics_publish.apply()

    spans, _ = told(settings, collector, round_of_work)
    [task] = [span for span in spans if span.kind == "CONSUMER"]
    assert task.name == "run/openclaw_site.observe.tasks.metrics_publish"
    [call] = [span for span in spans if span.attributes.get("rpc.system") == "aws-api"]
    assert (call.name, call.parent, call.attributes["http.status_code"]) == ("CloudWatch.PutMetricData", task.id, 200)
    assert "LLEN LINDEX LLEN LINDEX LLEN" in {
        span.name for span in spans if span.attributes.get("db.system") == "redis"
    }
    assert {span.trace for span in spans} == {task.trace}
    assert namespace not in collector.text


def test_a_customer_s_task_says_whose_it_is(settings: Any, collector: Collector, customer: Customer) -> None:
    spans, _ = told(settings, collector, lambda: connection_check.apply(args=[str(customer.id)]))
    [task] = [span for span in spans if span.kind == "CONSUMER"]
    assert task.attributes["tenant.id"] == customer.tenant_hex
    assert {span.attributes["tenant.id"] for span in spans} == {customer.tenant_hex}


def test_an_onboarding_says_whose_it_is(settings: Any, collector: Collector, platform: None, aws: World) -> None:
    customer, run = onboard()
    spans, _ = told(settings, collector, lambda: provisioning_run.apply(args=[str(run.id)]))
    [task] = [span for span in spans if span.kind == "CONSUMER"]
    assert (task.name, task.attributes["tenant.id"]) == (
        "run/tenants.onboarding.tasks.provisioning_run",
        customer.tenant_hex,
    )
    [made] = [span for span in spans if span.name == "IAM.CreateRole"]
    assert (made.trace, made.attributes["tenant.id"]) == (task.trace, customer.tenant_hex)
    assert customer.email not in collector.text


def test_calls_by_the_dispatcher_s_threads_stand_in_its_trace(
    settings: Any, collector: Collector, platform: None, aws: World
) -> None:
    cluster = Cluster(aws)
    settings.ECS_TASK_DEFINITION_PREFIX = cluster.prefix
    cluster.define("exit 0")
    agent = agent_of(make_customer(state="active"))
    Agent.objects.exclude(pk=agent.pk).update(desired_state="stopped")
    Agent.objects.filter(pk=agent.pk).update(desired_state="always_on", next_run_at=timezone.now())
    try:
        spans, _ = told(settings, collector, agents_dispatch.apply)
    finally:
        cluster.close()
    [task] = [span for span in spans if span.kind == "CONSUMER"]
    [asked] = [span for span in spans if span.name == "ECS.RunTask"]
    assert asked.trace == task.trace


def test_a_task_goes_on_in_the_trace_of_the_request_that_asked_for_it(
    settings: Any, collector: Collector, customer: Customer, world: World
) -> None:
    member = make_member(customer)
    browser = Client(headers={"host": PUBLIC})
    _, reply = told(settings, collector, lambda: browser.post("/password/", {"email": member.email}))
    assert reply.status_code == 200
    [asked] = collector.named("apply_async/tenants.members.tasks.password_mail_send")
    with worker(collector) as process:
        wait_for(lambda: collector.named("run/tenants.members.tasks.password_mail_send"), what="the task's span")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    [ran] = collector.named("run/tenants.members.tasks.password_mail_send")
    [page] = collector.named("POST /password/")
    assert (ran.trace, ran.parent, asked.parent) == (page.trace, asked.id, page.id)
    assert (ran.kind, ran.attributes["celery.state"]) == ("CONSUMER", "SUCCESS")
    assert ran.resource["service.name"] == "openclaw-test-worker"
    assert ran.resource["deployment.environment.name"] == "test"
    inside = [span for span in collector.spans() if span.parent == ran.id]
    assert "SELECT tenants_user" in {span.name for span in inside}
    # Looks at the broker belong to nothing.
    assert {span.trace for span in collector.spans()} == {page.trace}
    assert member.email not in collector.text


@pytest.mark.parametrize("pool", [(), ("--pool", "prefork", "--concurrency", "1")])
def test_what_ended_just_before_the_worker_is_sent(
    collector: Collector, customer: Customer, world: World, tmp_path: Path, pool: tuple[str, ...]
) -> None:
    log = tmp_path / "log"
    connection_check.delay(str(customer.id))
    with worker(collector, *pool, log=log, OTEL_BSP_SCHEDULE_DELAY="60000") as process:
        wait_for(lambda: "succeeded in" in log.read_text(), what="the end of the task")
        assert collector.spans() == []
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    [ran] = collector.named("run/tenants.gmail.tasks.connection_check")
    assert ran.attributes["tenant.id"] == customer.tenant_hex


def test_beat_begins_a_trace_with_each_message(collector: Collector, database: None, tmp_path: Path) -> None:
    with celery(collector, "beat", "--pidfile", "", "--schedule", str(tmp_path / "schedule")):
        wait_for(lambda: collector.named("apply_async/agents.tasks.task_events_receive"), what="beat's span")
    [first, *_] = collector.named("apply_async/agents.tasks.task_events_receive")
    assert (first.kind, first.parent, first.resource["service.name"]) == ("PRODUCER", "", "openclaw-test-beat")
    assert "LPUSH" in {span.name for span in collector.spans() if span.parent == first.id}


def test_what_belongs_to_no_request_and_no_task_begins_no_trace(
    settings: Any, collector: Collector, aws: World, customer: Customer
) -> None:
    def calls() -> None:
        client("sts").get_caller_identity()
        with enter_platform():
            Customer.objects.count()

    assert told(settings, collector, calls)[0] == []


def test_without_an_address_nothing_of_it_is_loaded() -> None:
    look = (
        "import sys\n"
        "from openclaw_site.wsgi import application\n"
        "from openclaw_site.celery import app\n"
        "app.loader.import_default_modules()\n"
        "from django.conf import settings\n"
        "import threading\n"
        "ours = ('opentelemetry.instrumentation', 'opentelemetry.exporter', 'openclaw_site.observe.tracing')\n"
        "loaded = len([name for name in sys.modules if name.startswith(ours)])\n"
        "print(loaded > 0, len(settings.MIDDLEWARE), threading.active_count())\n"
    )
    found = {}
    for endpoint in ("", "http://127.0.0.1:9"):
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "openclaw_site.settings.test",
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        }
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", look], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        found[endpoint] = done.stdout.split()
    # redis-py loads OpenTelemetry's metrics by itself.
    count = int(found[""][1])
    assert found == {
        "": ["False", str(count), "1"],
        "http://127.0.0.1:9": ["True", str(count + 1), "2"],
    }
