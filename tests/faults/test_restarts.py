"""Redis and PostgreSQL are restarted while a run is under way."""

import signal

import pytest
from django.db import connections

from openclaw_site.devstack.world import World
from tenants.models import CustomerState, ProvisioningState
from tenants.onboarding.services import provisionings_sweep
from tests.faults.aws_faults import does
from tests.faults.aws_proxy import AwsProxy
from tests.faults.standing import assert_first_four_whole
from tests.faults.test_killed import swept
from tests.faults.workers import Worker, wait_for
from tests.onboarding.runs import onboard, step_of, walk

pytestmark = pytest.mark.usefixtures("platform", "first_four")


def reconnect() -> None:
    """The test's own connections broke too."""
    for connection in connections.all(initialized_only=True):
        connection.close()


def test_a_message_that_redis_lost_is_sent_again(world: World, proxy: AwsProxy) -> None:
    hold = proxy.hold("s3:PutObject")
    _, busy = onboard()
    with Worker() as worker:
        hold.wait_until_reached()
        customer, run = onboard()  # Its message waits in Redis, as the only worker is busy,
        world.redis.restart()  # and is lost.
        hold.release()
        wait_for(lambda: swept(busy, ProvisioningState.DONE), what="the end of the run under way", seconds=40)
        wait_for(lambda: swept(run, ProvisioningState.DONE), what="the end of the forgotten run", seconds=40)
        worker.send(signal.SIGTERM)
        assert worker.process.wait(10) == 0
    assert_first_four_whole(customer)


def test_onboarding_does_not_need_redis_at_that_moment(world: World, proxy: AwsProxy) -> None:
    world.redis.stop()
    try:
        customer, run = onboard()
        assert customer.state == CustomerState.PENDING
    finally:
        world.redis.start()
    assert provisionings_sweep() == 1
    with Worker():
        wait_for(lambda: swept(run, ProvisioningState.DONE), what="the end of the run")


def test_a_restart_of_postgresql_is_waited_out(world: World, proxy: AwsProxy) -> None:
    customer, run = onboard()
    hold = proxy.hold("iam:CreateRole")
    with Worker():
        hold.wait_until_reached()
        world.postgres.restart()
        reconnect()
        hold.release()
        wait_for(lambda: swept(run, ProvisioningState.DONE), what="the end of the run")
    customer.refresh_from_db()
    assert customer.state == CustomerState.ACTIVE
    assert_first_four_whole(customer)


def test_a_restart_between_two_statements_is_waited_out_without_another_worker(world: World, proxy: AwsProxy) -> None:
    customer, run = onboard()
    proxy.on("s3:PutObject", does(world.postgres.restart), times=1)
    assert walk(run) == ProvisioningState.DONE
    assert run.fencing == 1
    assert step_of(run, "storage_prefix").attempts == 1
    reconnect()
    assert_first_four_whole(customer)
