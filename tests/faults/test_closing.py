"""A customer is closed while a worker onboards it."""

import os
import signal

import pytest

from openclaw_site.aws import iam, storage
from tenants.isolation.context import schema_of
from tenants.isolation.policies import protected_tables
from tenants.isolation.roles import agent_role_exists
from tenants.isolation.schemas import schema_exists
from tenants.models import Customer, CustomerState, Domain, Provisioning, ProvisioningKind, ProvisioningState, StepState
from tenants.onboarding.machine import provisioning_advance
from tenants.onboarding.progress import closing_certificate
from tenants.onboarding.steps.iam_role import IamRoleStep
from tenants.services import customer_close
from tests.faults.aws_faults import does
from tests.faults.aws_proxy import AwsProxy
from tests.faults.standing import onboard_with_consent, standing, tasks
from tests.faults.workers import Worker, wait_for
from tests.onboarding.runs import due_now, onboard, step_of, walk
from tests.portal.visitors import make_member, visitor_of

pytestmark = pytest.mark.usefixtures("platform")


def assert_nothing_left(customer: Customer) -> None:
    customer.refresh_from_db()
    assert customer.state == CustomerState.CLOSED
    assert customer.closed_at is not None
    assert Domain.objects.filter(tenant=customer).count() == 0
    assert not schema_exists(schema=schema_of(customer.id))
    assert not agent_role_exists(customer_id=customer.id)
    assert not storage.prefix_exists(bucket=os.environ["AGENT_BUCKET"], prefix=customer.storage_prefix)
    assert iam.find_role(name=customer.database_role) is None


@pytest.mark.usefixtures("first_four")
def test_closing_waits_for_a_worker_inside_a_step_and_takes_what_it_made(proxy: AwsProxy) -> None:
    customer, run = onboard()
    hold = proxy.hold("iam:CreateRole")
    with Worker() as worker:
        hold.wait_until_reached()
        closing = customer_close(customer=customer, actor=None)

        assert provisioning_advance(run_id=closing.id) == ProvisioningState.WAITING
        first = closing.steps.order_by("position")[0]
        assert (first.name, first.state) == ("iam_role", StepState.WAITING)
        assert "still inside a step" in first.error
        assert schema_exists(schema=schema_of(customer.id))  # Nothing is taken from under the worker's feet.

        hold.release()
        wait_for(lambda: "no longer ours" in worker.log, what="the worker's notice")
    assert walk(closing) == ProvisioningState.DONE

    run.refresh_from_db()
    assert run.state == ProvisioningState.CANCELLED
    assert step_of(run, "iam_role").state == StepState.PENDING
    assert_nothing_left(customer)
    certificate = closing_certificate(provisioning=closing)
    assert certificate["complete"]
    assert certificate["deleted"] == {
        "iam_role": {"role": customer.database_role},
        "storage_prefix": {"prefix": customer.storage_prefix, "object_versions": 1},
        "database_role": {"role": customer.database_role},
        "schema": {
            "schema": customer.schema_name,
            "rows": dict.fromkeys(protected_tables("t_x"), 0),
        },
    }


@pytest.mark.usefixtures("first_four")
def test_closing_goes_on_when_the_lease_of_a_dead_worker_ran_out(proxy: AwsProxy) -> None:
    customer, _ = onboard()
    hold = proxy.hold("iam:CreateRole", after=True)
    with Worker() as worker:
        hold.wait_until_reached()
        closing = customer_close(customer=customer, actor=None)
        worker.send(signal.SIGKILL)
        worker.process.wait()
    assert provisioning_advance(run_id=closing.id) == ProvisioningState.WAITING
    assert walk(closing) == ProvisioningState.DONE
    assert_nothing_left(customer)


@pytest.mark.usefixtures("first_four")
def test_what_a_late_call_makes_after_its_undo_is_found_and_undone(proxy: AwsProxy) -> None:
    customer, run = onboard()
    assert walk(run) == ProvisioningState.DONE
    closing = customer_close(customer=customer, actor=None)
    # The role is undone first. A worker that the database could not reach makes it again while storage is emptied.
    proxy.on("s3:DeleteObjects", does(lambda: IamRoleStep().apply(customer)), times=1)

    assert provisioning_advance(run_id=closing.id) == ProvisioningState.DONE
    assert_nothing_left(customer)
    assert step_of(closing, "iam_role").attempts == 2


@pytest.mark.usefixtures("first_four")
def test_a_closing_that_was_killed_still_certifies_everything(proxy: AwsProxy) -> None:
    customer, run = onboard()
    assert walk(run) == ProvisioningState.DONE
    hold = proxy.hold("s3:DeleteObjects")
    with Worker() as worker:
        closing = customer_close(customer=customer, actor=None)
        hold.wait_until_reached()
        worker.send(signal.SIGKILL)
        worker.process.wait()
    assert walk(closing) == ProvisioningState.DONE
    assert_nothing_left(customer)
    assert step_of(closing, "iam_role").found == {"role": customer.database_role}
    assert step_of(closing, "storage_prefix").found["object_versions"] == 1


@pytest.mark.usefixtures("first_four")
def test_closing_twice_is_closing_once(proxy: AwsProxy) -> None:
    customer, run = onboard()
    closing = customer_close(customer=customer, actor=None)
    assert customer_close(customer=customer, actor=None) == closing
    assert provisioning_advance(run_id=run.id) is None  # Cancelled.
    due_now(closing)
    assert walk(closing) == ProvisioningState.DONE
    assert customer_close(customer=customer, actor=None) == closing
    assert_nothing_left(customer)


def test_owner_who_closes_while_the_agents_prove_themselves_takes_everything_away(proxy: AwsProxy) -> None:
    customer, _ = onboard_with_consent()
    anna = make_member(customer, role="owner")
    browser = visitor_of(customer, anna)
    hold = proxy.hold("ecs:DescribeTasks")
    with Worker() as worker:
        hold.wait_until_reached()
        assert browser.post("/account/close/", {"subdomain": customer.slug}).status_code == 302
        assert "is being closed" in browser.get("/").content.decode()
        hold.release()
        wait_for(lambda: "no longer ours" in worker.log, what="the worker's notice")
    closing = Provisioning.objects.get(tenant=customer, kind=ProvisioningKind.OFFBOARD)
    assert closing.requested_by == anna
    assert walk(closing, seconds=40) == ProvisioningState.DONE
    assert_nothing_left(customer)
    assert browser.get("/").status_code == 410
    assert {info.last_status for info in tasks(customer)} == {"STOPPED"}
    assert {name: count for name, count in standing(customer).items() if name != "tasks"} == {}
    deleted = closing_certificate(provisioning=closing)["deleted"]
    assert deleted["agents"] == {"agents": 3, "runs": 3, "strays": 0}
    assert deleted["gmail_secret"]["secret"] == customer.secret_name
    assert deleted["gmail_secret"]["revoked_at_google"] is True
    assert deleted["schema"]["schema"] == customer.schema_name
