"""AWS in trouble at each step: what passes is tried again, what does not stops with a reason; nothing is forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.core import mail

from agents.models import AgentRun, AgentRunState
from agents.onboarding.agents_step import AgentsStep
from agents.services import agent_runs_reconcile
from openclaw_site.aws import clients
from tenants.models import Customer, CustomerState, Provisioning, ProvisioningState, StepState
from tenants.onboarding.machine import provisioning_advance
from tenants.onboarding.outcomes import MAX_ATTEMPTS
from tenants.onboarding.services import provisioning_retry
from tenants.services import customer_close
from tests.faults.aws_proxy import AwsProxy, Fault, breaks, denies, drops_reply, refuses, sees_nothing, throttles
from tests.faults.standing import ROLES, assert_first_four_whole, consent, standing
from tests.gmail.visit import MAILBOX
from tests.onboarding.runs import due_now, onboard, step_of, walk

pytestmark = pytest.mark.usefixtures("platform")

STORAGE = "tenants.onboarding.steps.storage.StoragePrefixStep"
ROLE = "tenants.onboarding.steps.iam_role.IamRoleStep"
GMAIL = "tenants.onboarding.steps.gmail_secret.GmailSecretStep"
AGENTS = "agents.onboarding.agents_step.AgentsStep"


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


@pytest.fixture(autouse=True)
def one_try_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3's own retries, which another test lets play, only take time here."""
    monkeypatch.setattr(clients, "MAX_ATTEMPTS", 1)


def onboard_with_consent() -> tuple[Customer, Provisioning]:
    customer, run = onboard(email=MAILBOX)
    consent(customer)
    return customer, run


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


def test_a_role_that_can_not_be_read_yet_is_adopted_and_not_made_twice(proxy: AwsProxy, settings: Any) -> None:
    settings.PROVISIONING_STEPS = [ROLE]
    customer, run = onboard()
    proxy.on("iam:GetRole", sees_nothing, times=4)  # Before it is made, after it; before it is made again, after it.
    assert provisioning_advance(run_id=run.id) == ProvisioningState.RETRYING
    due_now(run)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.RETRYING
    assert walk(run) == ProvisioningState.DONE
    assert step_of(run, "iam_role").attempts == 3
    assert standing(customer) == {"roles": 1}


def test_an_object_that_can_not_be_listed_yet_is_looked_for_again(proxy: AwsProxy, settings: Any) -> None:
    settings.PROVISIONING_STEPS = [STORAGE]
    customer, run = onboard()
    proxy.on("s3:ListObjectsV2", sees_nothing, times=1)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.RETRYING
    assert walk(run) == ProvisioningState.DONE
    assert standing(customer) == {"objects": 1}


def test_a_secret_that_can_not_be_read_yet_is_not_taken_for_a_lost_consent(proxy: AwsProxy, settings: Any) -> None:
    settings.PROVISIONING_STEPS = [GMAIL]
    customer, run = onboard_with_consent()
    proxy.on("secretsmanager:GetSecretValue", sees_nothing, times=1)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.RETRYING
    assert "can't be read yet" in step_of(run, "gmail_secret").error
    assert walk(run) == ProvisioningState.DONE
    assert standing(customer) == {"secrets": 1}
    assert mail.outbox == []


def test_a_secret_that_can_not_be_found_yet_is_not_made_twice(proxy: AwsProxy, settings: Any) -> None:
    settings.PROVISIONING_STEPS = [GMAIL]
    customer, run = onboard_with_consent()
    proxy.on("secretsmanager:CreateSecret", drops_reply, times=1)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.RETRYING
    proxy.on("secretsmanager:DescribeSecret", sees_nothing, times=2)  # Before it is made again, and after that.
    due_now(run)
    assert provisioning_advance(run_id=run.id) == ProvisioningState.RETRYING
    assert walk(run) == ProvisioningState.DONE
    assert standing(customer) == {"secrets": 1}


@pytest.mark.usefixtures("brief_agents")
def test_tasks_that_ecs_does_not_describe_yet_are_not_started_twice(proxy: AwsProxy, settings: Any) -> None:
    settings.PROVISIONING_STEPS = [ROLE, AGENTS]
    customer, run = onboard()
    assert walk(run) == ProvisioningState.DONE
    proxy.on("ecs:DescribeTasks", sees_nothing, times=1)
    agent_runs_reconcile()
    assert set(AgentRun.objects.values_list("state", flat=True)) <= {AgentRunState.STARTING, AgentRunState.RUNNING}
    proxy.heal()
    assert AgentsStep().apply(customer).keys() == set(ROLES)
    assert standing(customer) == {"roles": 1, "tasks": 3}


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


@pytest.mark.parametrize(
    "action",
    [
        "s3:ListObjectVersions",
        "s3:DeleteObjects",
        "iam:DetachRolePolicy",
        "iam:DeleteRole",
        "secretsmanager:DeleteSecret",
    ],
)
def test_a_closing_that_aws_hinders_is_finished_later(proxy: AwsProxy, settings: Any, action: str) -> None:
    settings.PROVISIONING_STEPS = [STORAGE, ROLE, GMAIL]
    for fault in (denies, drops_reply):
        _finished_later(proxy, action, fault)


def _finished_later(proxy: AwsProxy, action: str, fault: Fault) -> None:
    customer, run = onboard_with_consent()
    assert walk(run) == ProvisioningState.DONE
    closing = customer_close(customer=customer, actor=None)
    proxy.on(action, fault, times=1)

    stopped = provisioning_advance(run_id=closing.id)
    customer.refresh_from_db()
    assert customer.state == CustomerState.OFFBOARDING
    assert stopped == (ProvisioningState.FAILED if fault is denies else ProvisioningState.RETRYING)

    closing.refresh_from_db()
    provisioning_retry(provisioning=closing, actor=None)
    assert walk(closing) == ProvisioningState.DONE
    customer.refresh_from_db()
    assert customer.state == CustomerState.CLOSED
    assert standing(customer) == {}


def test_a_process_without_credentials_for_aws_says_so(
    proxy: AwsProxy, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PROVISIONING_STEPS = [STORAGE]
    _, run = onboard()
    with monkeypatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.delenv(name)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        clients.reset_clients()
        assert provisioning_advance(run_id=run.id) == ProvisioningState.FAILED
    assert "Give this process AWS credentials" in step_of(run, "storage_prefix").next_action
    clients.reset_clients()
