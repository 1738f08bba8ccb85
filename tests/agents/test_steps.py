"""The onboarding's two steps when something is in the way. What goes well stands in test_end_to_end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.models import Agent, AgentRun, AgentRunState
from agents.onboarding import proof_of_life
from agents.onboarding.agents_step import AgentsStep
from agents.onboarding.proof_of_life import ProofOfLifeStep
from agents.services import agent_runs_reconcile, agent_start, agent_stop, fleet_pause, fleet_resume
from agents.services import launch as launching
from openclaw_site.aws import ecs
from openclaw_site.devstack.world import World
from tenants.models import Customer, CustomerState
from tenants.onboarding.steps.base import StepError, StepFailed, StepRetry, StepWaiting
from tenants.onboarding.steps.schema import SchemaStep
from tests.agents.cluster import Cluster, until
from tests.agents.factories import agent_of, make_agent, make_run, set_age

ROLES = {"butler", "scout", "writer"}


@pytest.fixture
def customer(cluster: Cluster) -> Customer:
    """A customer on its way, with a role and a schema."""
    customer = make_agent(state=CustomerState.PROVISIONING).tenant
    Agent.objects.all().delete()
    SchemaStep().apply(customer)
    return customer


def look(customer: Customer) -> StepError:
    """What the proof of life says now."""
    with pytest.raises(StepError) as caught:
        ProofOfLifeStep().apply(customer)
    return caught.value


def until_failed(customer: Customer) -> StepFailed:
    """The failure that the looks come to. The pauses between two tries are passed over."""

    def failed() -> StepFailed | None:
        AgentRun.objects.filter(state=AgentRunState.FAILED).update(stopped_at=timezone.now() - timedelta(minutes=1))
        said = look(customer)
        return said if isinstance(said, StepFailed) else None

    found: StepFailed = until(failed, seconds=60)
    return found


def test_a_worker_killed_after_the_first_agent_goes_on_with_the_others(cluster: Cluster, customer: Customer) -> None:
    cluster.define("sleep 30")
    first = agent_start(agent=agent_of(customer, "butler"), trigger="onboarding")
    found = AgentsStep().apply(customer)
    assert (set(found), found["butler"]) == (ROLES, first.task_arn)
    assert AgentsStep().apply(customer) == found
    assert len(cluster.tasks()) == 3


def test_a_worker_killed_between_call_and_record_finds_its_task(cluster: Cluster, customer: Customer) -> None:
    cluster.define("sleep 30")
    run = make_run(agent_of(customer, "scout"), trigger="onboarding")
    started = ecs.run_task(launching.task_spec(run))
    assert AgentsStep().apply(customer)["scout"] == started.arn
    assert len(cluster.tasks()) == 3


def test_without_capacity_the_step_is_tried_again_and_starts_nothing_twice(
    cluster: Cluster, customer: Customer
) -> None:
    lack = cluster.world.aws.fargate.without_capacity
    lack.update({"FARGATE", "FARGATE_SPOT"})
    with pytest.raises(StepRetry, match="Capacity is unavailable"):
        AgentsStep().apply(customer)
    with pytest.raises(StepFailed, match="No task was started for: butler, scout, writer"):
        AgentsStep().verify(customer)
    lack.clear()
    assert set(AgentsStep().apply(customer)) == ROLES
    AgentsStep().verify(customer)
    assert AgentRun.objects.count() == len(cluster.tasks()) == 3


def test_a_missing_task_definition_asks_for_a_person(cluster: Cluster, customer: Customer) -> None:
    cluster.ecs.deregister_task_definition(taskDefinition=f"{cluster.prefix}-writer:1")
    with pytest.raises(StepFailed) as failed:
        AgentsStep().apply(customer)
    assert "TaskDefinition" in str(failed.value)
    assert "ECS_TASK_DEFINITION_PREFIX" in failed.value.next_action
    cluster.define("sleep 30")
    assert set(AgentsStep().apply(customer)) == ROLES


def test_a_paused_fleet_is_waited_for(cluster: Cluster, customer: Customer, eager: None) -> None:
    fleet_pause(actor=None, reason="maintenance")
    for step in (AgentsStep(), ProofOfLifeStep()):
        with pytest.raises(StepWaiting) as waiting:
            step.apply(customer)
        assert (waiting.value.person, waiting.value.poll_seconds) == (False, 30)
    assert AgentRun.objects.count() == 0
    fleet_resume(actor=None)
    assert set(AgentsStep().apply(customer)) == ROLES


def test_a_new_role_that_ecs_does_not_know_yet_is_waited_for(aws: World, cluster: Cluster, customer: Customer) -> None:
    aws.aws.fargate.roles.propagation_seconds = 3600
    AgentsStep().apply(customer)
    for run in AgentRun.objects.all():
        cluster.run_until(run, AgentRunState.FAILED)
    said = look(customer)
    assert isinstance(said, StepWaiting)
    assert "could not take on the customer's IAM role" in str(said)
    aws.aws.fargate.roles.propagation_seconds = 0
    AgentRun.objects.update(stopped_at=timezone.now() - timedelta(minutes=1))
    assert "was started again" in str(look(customer))
    assert AgentRun.objects.count() == 6


def test_what_keeps_failing_asks_for_a_person_after_five_tries_and_retry_starts_over(
    cluster: Cluster, customer: Customer
) -> None:
    cluster.define("exit 69")
    AgentsStep().apply(customer)
    failed = until_failed(customer)
    assert "The database could not be reached" in str(failed)
    assert failed.next_action.endswith("Then press retry.")
    counts = {role: AgentRun.objects.filter(agent__role=role).count() for role in ROLES}
    assert proof_of_life.TRIES in counts.values()
    assert max(counts.values()) == proof_of_life.TRIES

    before = AgentRun.objects.count()
    look(customer)  # A person pressed retry.
    assert AgentRun.objects.count() > before
    assert until_failed(customer)


def test_what_no_try_can_mend_asks_for_a_person_at_once(cluster: Cluster, customer: Customer) -> None:
    cluster.define("exit 65")
    AgentsStep().apply(customer)
    failed = until_failed(customer)
    assert "is not this customer's" in str(failed)
    assert "Treat it as an incident" in failed.next_action
    assert AgentRun.objects.count() == 3


def test_a_good_end_without_a_proof_is_no_proof(cluster: Cluster, customer: Customer) -> None:
    AgentsStep().apply(customer)
    assert "wrote no proof of life" in str(until_failed(customer))
    with pytest.raises(StepRetry, match="No proof of life of: butler, scout, writer"):
        ProofOfLifeStep().verify(customer)
    assert AgentRun.objects.count() == 3
    look(customer)  # A person pressed retry.
    assert AgentRun.objects.count() > 3


def test_a_run_that_staff_stopped_is_started_again(cluster: Cluster, customer: Customer) -> None:
    cluster.define("trap 'exit 143' TERM; sleep 30 & wait")
    AgentsStep().apply(customer)
    agent = agent_of(customer, "butler")
    cluster.run_until(AgentRun.objects.get(agent=agent), AgentRunState.RUNNING)
    agent_stop(agent=agent, reason="by mistake")
    cluster.run_until(AgentRun.objects.get(agent=agent), AgentRunState.SUCCEEDED)
    assert "Butler was started again" in str(look(customer))


def test_undo_waits_until_every_task_has_stopped(cluster: Cluster, customer: Customer) -> None:
    cluster.define("trap 'sleep 1; exit 143' TERM; sleep 30 & wait")
    for arn in AgentsStep().apply(customer).values():
        cluster.task_until(arn, "RUNNING")
    with pytest.raises(StepWaiting) as waiting:
        AgentsStep().undo(customer)
    assert (str(waiting.value), waiting.value.poll_seconds) == ("3 tasks are stopping.", 1)
    assert Agent.objects.count() == 3

    def undone() -> dict[str, int] | None:
        try:
            return AgentsStep().undo(customer)
        except StepWaiting:
            return None

    assert until(undone) == {"agents": 3, "runs": 3, "strays": 0}
    assert {info.last_status for info in cluster.tasks()} == {"STOPPED"}
    assert AgentsStep().undo(customer) == {}


def test_undo_before_anything_was_made_finds_nothing(customer: Customer) -> None:
    assert AgentsStep().undo(customer) == {}
    assert ProofOfLifeStep().undo(customer) == {}
    assert AgentsStep().remains(customer) == []


def test_a_task_without_a_run_of_ours_is_seen_and_stopped_when_the_customer_is_closed(
    cluster: Cluster, customer: Customer
) -> None:
    cluster.define("sleep 30")
    run = make_run(agent_of(customer, "scout"))
    task = ecs.run_task(launching.task_spec(run))
    run.delete()
    assert AgentsStep().remains(customer) == [f"task {task.arn}"]
    assert AgentsStep().undo(customer) == {"agents": 3, "runs": 0, "strays": 1}
    assert AgentsStep().remains(customer) == []


def test_undo_of_a_run_that_never_got_a_task_ends_when_the_call_can_no_longer_be_under_way(
    cluster: Cluster, customer: Customer
) -> None:
    run = make_run(agent_of(customer, "scout"))
    with pytest.raises(StepWaiting, match="1 task is stopping"):
        AgentsStep().undo(customer)
    set_age(run, 200)
    agent_runs_reconcile()
    assert AgentsStep().undo(customer) == {"agents": 3, "runs": 1, "strays": 0}
