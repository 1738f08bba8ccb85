"""What was just made can not be read yet: it is looked for again, neither made twice nor taken for lost."""

from typing import Any

import pytest
from django.core import mail

from agents.models import AgentRun, AgentRunState
from agents.onboarding.agents_step import AgentsStep
from agents.services import agent_runs_reconcile
from tenants.models import ProvisioningState
from tenants.onboarding.machine import provisioning_advance
from tests.faults.aws_faults import drops_reply, sees_nothing
from tests.faults.aws_proxy import AwsProxy
from tests.faults.standing import ROLES, onboard_with_consent, standing
from tests.onboarding.runs import AGENTS, GMAIL, ROLE, STORAGE, due_now, onboard, step_of, walk

pytestmark = pytest.mark.usefixtures("platform", "one_try_a_call")


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
