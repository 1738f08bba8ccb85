"""AWS in trouble at each step: what passes is tried again, what does not stops with a reason; nothing is forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from openclaw_site.aws import clients
from tenants.models import CustomerState, ProvisioningState, StepState
from tenants.onboarding.machine import provisioning_advance
from tenants.onboarding.outcomes import MAX_ATTEMPTS
from tenants.onboarding.services import provisioning_retry
from tests.faults.aws_faults import breaks, denies, drops_reply, refuses, throttles
from tests.faults.aws_proxy import AwsProxy, Fault
from tests.faults.standing import assert_first_four_whole, onboard_with_consent, standing
from tests.onboarding.runs import AGENTS, GMAIL, ROLE, STORAGE, due_now, onboard, step_of, walk

pytestmark = pytest.mark.usefixtures("platform", "one_try_a_call")


@dataclass(frozen=True)
class Place:
    """One call of the step `name`, the last of `steps`, and what `stands` when they are done."""

    action: str
    name: str
    steps: tuple[str, ...]
    stands: Mapping[str, int]

    def __str__(self) -> str:
        return self.action


PLACES = [
    *(Place(action, "storage_prefix", (STORAGE,), {"objects": 1}) for action in ("s3:PutObject", "s3:ListObjectsV2")),
    *(
        Place(action, "iam_role", (ROLE,), {"roles": 1})
        for action in ("sts:GetCallerIdentity", "iam:GetRole", "iam:CreateRole", "iam:AttachRolePolicy")
    ),
    *(
        Place(f"secretsmanager:{action}", "gmail_secret", (GMAIL,), {"secrets": 1})
        for action in ("DescribeSecret", "CreateSecret", "GetSecretValue")
    ),
    Place("ecs:RunTask", "agents", (ROLE, AGENTS), {"roles": 1, "tasks": 3}),
]


@pytest.fixture(params=PLACES, ids=str)
def place(request: pytest.FixtureRequest, settings: Any) -> Place:
    """One after the other; onboarding has the place's steps only."""
    settings.PROVISIONING_STEPS = list(request.param.steps)
    return request.param


@pytest.mark.usefixtures("brief_agents")
def test_what_passes_is_tried_again(proxy: AwsProxy, place: Place) -> None:
    for fault in (throttles, breaks, refuses, drops_reply):
        _tried_again(proxy, place, fault)


def _tried_again(proxy: AwsProxy, place: Place, fault: Fault) -> None:
    customer, run = onboard_with_consent()
    proxy.on(place.action, fault, times=1)

    assert provisioning_advance(run_id=run.id) == ProvisioningState.RETRYING
    run.refresh_from_db()
    row = step_of(run, place.name)
    assert (row.state, row.attempts) == (StepState.RETRYING, 1)
    assert place.action.split(":")[1][:3] in row.error
    assert row.next_action
    assert run.next_attempt_at is not None
    assert (run.lease_owner, run.lease_until) == ("", None)

    assert walk(run) == ProvisioningState.DONE
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error, row.next_action) == (StepState.DONE, 2, "", "")
    assert standing(customer) == place.stands


@pytest.mark.usefixtures("brief_agents")
def test_a_denial_stops_with_its_reason_until_somebody_retries(proxy: AwsProxy, place: Place) -> None:
    customer, run = onboard_with_consent()
    proxy.on(place.action, denies)

    assert provisioning_advance(run_id=run.id) == ProvisioningState.FAILED
    run.refresh_from_db()
    row = step_of(run, place.name)
    assert (row.state, row.attempts, run.next_attempt_at) == (StepState.FAILED, 1, None)
    assert f"not authorized to perform: {place.action}" in row.error
    assert "Grant the identity" in row.next_action
    customer.refresh_from_db()
    assert customer.state == CustomerState.PROVISIONING
    assert row.error in customer.state_reason
    assert provisioning_advance(run_id=run.id) is None  # Nobody tries again unasked.

    proxy.heal()
    assert provisioning_retry(provisioning=run, actor=None)
    assert step_of(run, place.name).error == row.error  # It stands until the step runs.
    assert walk(run) == ProvisioningState.DONE
    customer.refresh_from_db()
    assert (customer.state, customer.state_reason) == (CustomerState.ACTIVE, "")
    assert standing(customer) == place.stands


def test_what_passes_while_the_agents_prove_themselves_is_waited_out(proxy: AwsProxy) -> None:
    customer, run = onboard_with_consent()
    for fault in (throttles, breaks, refuses, drops_reply):
        proxy.on("ecs:DescribeTasks", fault, times=1)
    for attempt in range(1, 5):
        assert provisioning_advance(run_id=run.id) == ProvisioningState.RETRYING
        row = step_of(run, "proof_of_life")
        assert (row.state, row.attempts) == (StepState.RETRYING, attempt)
        assert "DescribeTasks" in row.error
        due_now(run)
    proxy.on("ecs:DescribeTasks", denies)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.FAILED
    assert "not authorized to perform: ecs:DescribeTasks" in step_of(run, "proof_of_life").error

    proxy.heal()
    assert provisioning_retry(provisioning=run, actor=None)
    assert walk(run, seconds=40) == ProvisioningState.DONE
    assert_first_four_whole(customer)
    assert standing(customer) == {"schemas": 1, "logins": 1, "objects": 1, "roles": 1, "secrets": 1, "tasks": 3}


def test_lasting_trouble_becomes_a_persons_after_eight_attempts(proxy: AwsProxy, settings: Any) -> None:
    settings.PROVISIONING_STEPS = [ROLE]
    _, run = onboard()
    proxy.on("iam:CreateRole", throttles)

    for attempt in range(1, MAX_ATTEMPTS):
        assert provisioning_advance(run_id=run.id) == ProvisioningState.RETRYING
        assert step_of(run, "iam_role").attempts == attempt
        due_now(run)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.FAILED
    row = step_of(run, "iam_role")
    assert f"given up after {MAX_ATTEMPTS} attempts" in row.error
    assert "press retry" in row.next_action

    run.refresh_from_db()
    provisioning_retry(provisioning=run, actor=None)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.RETRYING  # Counted anew.
    proxy.heal()
    assert walk(run) == ProvisioningState.DONE


def test_an_endpoint_that_hangs_is_given_up(proxy: AwsProxy, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "READ_TIMEOUT_SECONDS", 0.3)
    settings.PROVISIONING_STEPS = [ROLE]
    _, run = onboard()
    hold = proxy.hold("iam:CreateRole")
    assert provisioning_advance(run_id=run.id) == ProvisioningState.RETRYING
    assert "no answer from the endpoint" in step_of(run, "iam_role").error
    hold.release()  # The late call is done after all: the next attempt finds its role.
    assert walk(run) == ProvisioningState.DONE


def test_short_throttling_is_not_even_noticed(proxy: AwsProxy, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "MAX_ATTEMPTS", 3)
    settings.PROVISIONING_STEPS = [ROLE]
    _, run = onboard()
    proxy.on("iam:CreateRole", throttles, times=1)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.DONE


def test_a_process_without_credentials_for_aws_says_so(
    proxy: AwsProxy, settings: Any, without_credentials: None
) -> None:
    settings.PROVISIONING_STEPS = [STORAGE]
    _, run = onboard()
    assert provisioning_advance(run_id=run.id) == ProvisioningState.FAILED
    assert "Give this process AWS credentials" in step_of(run, "storage_prefix").next_action
