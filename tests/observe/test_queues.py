"""How long Celery's messages wait, on the real Redis."""

import time

import pytest

from openclaw_site import cache_login
from openclaw_site.celery import app
from openclaw_site.observe.queues import FIRST, keys, waiting
from openclaw_site.observe.tasks import metrics_publish
from tenants.gmail.tasks import tokens_sweep
from tenants.onboarding.tasks import provisioning_run
from tests.faults.workers import wait_for

pytestmark = pytest.mark.usefixtures("database")


def look(queue: str) -> tuple[int, float]:
    with cache_login.connect() as client:
        found = waiting(client=client, queue=queue)
    return found.messages, found.oldest_seconds


def test_nothing_waits_in_empty_queues() -> None:
    assert look("default") == look("provisioning") == (0, 0.0)


def test_age_is_that_of_the_oldest_message() -> None:
    tokens_sweep.delay()
    time.sleep(0.3)
    tokens_sweep.delay()
    provisioning_run.delay("an id")
    messages, seconds = look("default")
    assert messages == 2
    assert 0.3 <= seconds < 5
    assert look("provisioning")[0] == 1
    assert look("provisioning")[1] < seconds


def test_messages_of_each_priority_count() -> None:
    tokens_sweep.delay()
    time.sleep(0.2)
    metrics_publish.apply_async(priority=FIRST)
    assert look("default")[0] == 2
    assert look("default")[1] >= 0.2


def test_a_message_of_the_release_before_counts_and_has_no_age() -> None:
    with cache_login.connect() as client:
        client.lpush("default", b'{"headers": {"task": "x"}}', b"not even JSON")
    assert look("default") == (2, 0.0)


def test_figures_are_taken_before_what_came_earlier() -> None:
    for _ in range(3):
        tokens_sweep.delay()
    entry = app.conf.beat_schedule["publish-metrics"]
    app.send_task(entry["task"], **entry["options"])
    with app.connection_for_read() as connection, connection.channel() as channel:
        queue = app.amqp.queues["default"].bind(channel)
        taken = [wait_for(lambda: queue.get(no_ack=True)).headers["task"] for _ in range(4)]
    assert taken == [entry["task"], *["tenants.gmail.tasks.tokens_sweep"] * 3]


def test_names_of_the_lists_are_those_that_kombu_reads() -> None:
    with app.connection_for_read() as connection, connection.channel() as channel:
        assert keys("default") == [channel._q_for_pri("default", step) for step in channel.priority_steps]
