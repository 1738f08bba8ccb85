"""One worker at a time has a run, and only the newest can write."""

import threading
import uuid

import pytest
from django.db import connections
from django.db.models.functions import Now

from tenants.isolation.context import enter_platform
from tenants.models import Provisioning, ProvisioningState, StepState
from tenants.onboarding.endings import run_done, run_stopped
from tenants.onboarding.lease import Lease, LeaseLost, lease_claim
from tenants.onboarding.outcomes import Outcome, Verdict
from tenants.onboarding.records import step_done, step_started
from tests.onboarding.runs import onboard, step_of

pytestmark = pytest.mark.usefixtures("platform")


def claim(run: Provisioning) -> Lease:
    lease = lease_claim(provisioning_id=run.id)
    assert lease is not None
    return lease


def expire(run: Provisioning) -> None:
    Provisioning.objects.filter(id=run.id).update(lease_until=Now())


def test_of_workers_that_claim_at_once_one_wins() -> None:
    _, run = onboard()
    start = threading.Barrier(6)
    leases: list[Lease | None] = []

    def worker() -> None:
        with enter_platform():
            connections["default"].ensure_connection()
            start.wait()
            leases.append(lease_claim(provisioning_id=run.id))
        connections["default"].close()

    threads = [threading.Thread(target=worker) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [lease for lease in leases if lease is not None]
    assert len(leases) == 6
    assert [lease.fencing for lease in won] == [1]


def test_a_held_run_is_nobody_elses_until_its_lease_ends() -> None:
    _, run = onboard()
    assert claim(run).fencing == 1
    assert lease_claim(provisioning_id=run.id) is None
    expire(run)
    assert claim(run).fencing == 2


@pytest.mark.parametrize("state", [ProvisioningState.FAILED, ProvisioningState.DONE, ProvisioningState.CANCELLED])
def test_a_run_that_ended_or_needs_a_person_can_not_be_claimed(state: str) -> None:
    _, run = onboard()
    Provisioning.objects.filter(id=run.id).update(state=state)
    assert lease_claim(provisioning_id=run.id) is None


def test_an_unknown_run_can_not_be_claimed() -> None:
    assert lease_claim(provisioning_id=uuid.uuid4()) is None


def test_a_fenced_off_worker_can_write_nothing() -> None:
    _, run = onboard()
    old = claim(run)
    row = step_of(run, "schema")
    step_started(old, row)
    expire(run)
    new = claim(run)

    before = Provisioning.objects.values().get(id=run.id)
    for write in (
        lambda: step_started(old, row),
        lambda: step_done(old, row, {"schema": "forged"}),
        lambda: run_stopped(old, run, row, Outcome(Verdict.FAIL, error="forged")),
        lambda: run_done(old, run),
    ):
        with pytest.raises(LeaseLost):
            write()
    with pytest.raises(LeaseLost):
        old.renew()
    old.let_go()
    assert Provisioning.objects.values().get(id=run.id) == before
    row.refresh_from_db()
    assert (row.state, row.attempts, row.found, row.error) == (StepState.RUNNING, 1, {}, "")

    step_done(new, row, {"schema": "real"})
    assert step_of(run, "schema").found == {"schema": "real"}
