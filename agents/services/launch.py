"""Gets the ECS task of a run that was claimed. Platform context, outside any transaction.

Owns what a task is told (role, environment, tags, client token) and which refusals may pass. The client token makes it
safe to repeat for 24 hours: after a crash the same call finds the same task.

Each attempt has its own token and its own capacity: odd ones ask for Spot, even ones for on-demand. The attempt is
recorded before it is made, so a repetition asks for the same thing.
"""

import logging
import uuid
from functools import cache
from typing import TypeAlias

from django.conf import settings

from agents.errors import StartFailed
from agents.models import AgentRun, AgentRunState, DesiredState
from agents.plans import MICRO_USD_A_CENT
from agents.services.record import RUN_TAG, TENANT_TAG, run_close, run_record, run_record_start
from openclaw_site.aws import ecs
from openclaw_site.aws.errors import AwsError, CapacityExhausted, ClientTokenConflict, TaskMissing
from openclaw_site.aws.identity import Identity, caller_identity
from tenants.models import Customer

logger = logging.getLogger(__name__)

# What ECS says of a task: the task, why there is none, or nothing when its token started one that AWS does not name.
Answer: TypeAlias = ecs.TaskInfo | AwsError | None


def run_launch(*, run: AgentRun) -> AgentRun:
    """The run has its task, or stays `requested` with the reason when ECS can't take it now; the run as it stands.

    Safe to repeat. A run that has a task, or is no longer `requested`, is returned as it is. Raises StartFailed, with
    the run recorded as failed, when repeating would not help.
    """
    return run_launch_claimed(run=AgentRun.objects.select_related("agent", "tenant").get(pk=run.pk))


def run_launch_claimed(*, run: AgentRun) -> AgentRun:
    """The same for a run just read, or just made, with its agent and customer; it is brought up to date."""
    while run.state == AgentRunState.REQUESTED and not run.task_arn:
        if not answer_record(run=run, answer=task_ask(run)):
            break
    return run


def task_ask(run: AgentRun) -> Answer:
    """Ask ECS for the run's task. No database: any thread may do it. Safe to repeat for the same attempt."""
    try:
        return _task(run)
    except AwsError as error:
        return error


def answer_record(*, run: AgentRun, answer: Answer) -> bool:
    """What ECS answered is recorded; whether it should be asked again at once, for the other kind of capacity.

    The given object is brought up to date. Raises StartFailed, with the run recorded as failed, when repeating would
    not help.
    """
    match answer:
        case ecs.TaskInfo():
            _record(run, answer)
        case CapacityExhausted():
            was_spot = is_spot(run.attempt)
            return _note(run, answer, attempt=run.attempt + 1) and was_spot
        case AwsError():
            if not answer.retryable:
                _give_up(run, answer)
            _note(run, answer)
    return False


def is_spot(attempt: int) -> bool:
    """Whether this attempt asks for Spot capacity."""
    return attempt % 2 == 1


def task_spec(run: AgentRun) -> ecs.TaskSpec:
    """What ECS is asked for. The same for the same run and attempt. Raises AwsError when AWS won't say who we are."""
    customer, role = run.tenant, run.agent.role
    return ecs.TaskSpec(
        cluster=settings.ECS_CLUSTER,
        task_definition=task_definition(customer, role),
        container=container_name(role),
        subnets=settings.ECS_SUBNETS,
        security_groups=settings.ECS_SECURITY_GROUPS,
        task_role_arn=agent_role_arn(customer=customer),
        environment=agent_environment(
            customer=customer,
            role=role,
            run_id=run.id,
            mode="loop" if run.agent.desired_state == DesiredState.ALWAYS_ON else "once",
            model_budget_cents=run.model_budget_cents,
        ),
        tags={TENANT_TAG: customer.tenant_hex, "AgentRole": role, RUN_TAG: str(run.id)},
        client_token=f"{run.id}-{run.attempt}",
        spot=is_spot(run.attempt),
    )


def agent_environment(
    *, customer: Customer, role: str, run_id: uuid.UUID, mode: str, model_budget_cents: int
) -> dict[str, str]:
    """What an agent is told of its customer, role and run; no secrets. Which model it uses, its task definition says.

    The budget is the month's, for all of the customer's agents; the agent takes off what they have spent of it.
    """
    return {
        "TENANT_ID": customer.tenant_hex,
        "CUSTOMER_EMAIL": customer.email,
        "AGENT_ROLE": role,
        "AGENT_RUN_ID": str(run_id),
        "AGENT_MODE": mode,
        "TENANT_SCHEMA": customer.schema_name,
        "DATABASE_USER": customer.database_role,
        "GMAIL_SECRET_NAME": customer.secret_name,
        "STORAGE_PREFIX": customer.storage_prefix,
        "MODEL_BUDGET_MICRO_USD": str(model_budget_cents * MICRO_USD_A_CENT),
    }


def container_name(role: str) -> str:
    """The agent's container in its task definition."""
    return f"openclaw-{role}"


def task_definition(customer: Customer, role: str) -> str:
    """Canaries run the newest revision, the others the one that is set for their role, if any is."""
    family = f"{settings.ECS_TASK_DEFINITION_PREFIX}-{role}"
    revision = settings.ECS_TASK_DEFINITION_REVISIONS.get(role)
    return f"{family}:{revision}" if revision and not customer.is_canary else family


def agent_role_arn(*, customer: Customer) -> str:
    """The IAM role that the customer's agents act as. Raises AwsError when AWS won't say who we are."""
    identity = _own_identity()
    partition = identity.arn.split(":")[1]
    return f"arn:{partition}:iam::{identity.account}:role{settings.TENANT_ROLE_PATH}{customer.database_role}"


@cache
def _own_identity() -> Identity:
    # A process keeps its account for life; asking at every start would cost a call each.
    return caller_identity()


def _task(run: AgentRun) -> ecs.TaskInfo | None:
    """The run's task. None when its token started one that AWS does not name: the reconcile finds it by its tag."""
    try:
        return ecs.run_task(task_spec(run))
    except ClientTokenConflict as conflict:
        if conflict.task_arn is None:
            return None
        logger.info("Run %s adopts the task %s that its token started.", run.id, conflict.task_arn)
        found = ecs.describe_tasks(cluster=settings.ECS_CLUSTER, task_arns=[conflict.task_arn])
        return found[0] if found else None


def _record(run: AgentRun, info: ecs.TaskInfo) -> None:
    """The task belongs to the run; one that nobody wants any more is stopped."""
    if run_record_start(run=run, info=info):
        return
    recorded = run_record(info=info, run_id=run.pk)
    wanted = recorded is not None and recorded.task_arn == info.arn
    if recorded is not None:
        _adopt(run, recorded)
    if wanted and run.state not in (AgentRunState.STOPPING, *AgentRun.ENDED):
        return
    if info.last_status != "STOPPED":
        reason = "asked to stop while it was started" if wanted else "the run has another task"
        try:
            ecs.stop_task(cluster=settings.ECS_CLUSTER, task_arn=info.arn, reason=reason)
        except TaskMissing:
            pass
        except AwsError as error:
            logger.warning("Task %s could not be stopped, the reconcile will: %s", info.arn, error)


def _note(run: AgentRun, error: AwsError, *, attempt: int | None = None) -> bool:
    """Keep why there is no task yet and, with `attempt`, go on to that one; False when somebody else went on."""
    waiting = AgentRun.objects.filter(pk=run.pk, state=AgentRunState.REQUESTED, task_arn="", attempt=run.attempt)
    reason, following = str(error)[:1000], attempt or run.attempt
    logger.warning("Run %s has no task yet (attempt %d): %s", run.id, run.attempt, error)
    if not waiting.update(stopped_reason=reason, attempt=following):
        stored = AgentRun.objects.filter(pk=run.pk).first()
        if stored is not None:  # Gone, when its customer was closed meanwhile.
            _adopt(run, stored)
        return False
    run.stopped_reason, run.attempt = reason, following
    return True


def _adopt(run: AgentRun, stored: AgentRun) -> None:
    """The object says what the row says."""
    for column in AgentRun._meta.concrete_fields:
        setattr(run, column.attname, getattr(stored, column.attname))


def _give_up(run: AgentRun, error: AwsError) -> None:
    kind, reason = type(error).__name__, str(error)
    if run_close(run=run, state=AgentRunState.FAILED, stop_code=kind, reason=reason, unstarted=True):
        logger.warning("Run %s was refused: %s", run.id, error)
        raise StartFailed(f"ECS refused the task: {reason}", next_action=error.next_action) from error
