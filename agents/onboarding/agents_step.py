"""The step "agents": a customer's three agents, each with a first run.

Owns that they exist and were started, and that on the way out they are stopped and forgotten. Whether the runs came to
a good end is the next step's question (`proof_of_life`).
"""

from typing import ClassVar

from django.conf import settings
from django.db import transaction

from agents.errors import AgentError, AlreadyRunning
from agents.forgetting import before_forget
from agents.models import Agent, AgentRole, AgentRun, AgentRunState
from agents.onboarding.refusals import as_step_error
from agents.selectors import runs_latest, runs_open
from agents.services import agent_start, agents_ensure, customer_runs_stop, run_launch, runs_refresh
from agents.services.followup import runs_follow_up
from agents.services.outcome import ONBOARDING
from agents.services.reconcile import customer_tasks
from openclaw_site.aws import ecs
from tenants.models import Customer
from tenants.onboarding.steps.base import Found, Step, StepFailed, StepRetry, StepWaiting


class AgentsStep(Step):
    """The customer's agents and their first runs."""

    name: ClassVar[str] = "agents"
    title: ClassVar[str] = "Agents"

    def apply(self, customer: Customer) -> Found:
        """Each agent has a run that is open or succeeded. Returns the tasks' ARNs by role."""
        try:
            agents = agents_ensure(customer=customer)
        except AgentError as error:
            raise as_step_error(error) from error
        for agent in agents:
            run = runs_latest(customer=customer).get(agent.role)
            try:
                if run is None or run.state == AgentRunState.FAILED:
                    agent_start(agent=agent, trigger=ONBOARDING)
                elif run.state == AgentRunState.REQUESTED:
                    run_launch(run=run)
            except AlreadyRunning:
                continue
            except AgentError as error:
                raise as_step_error(error) from error
        runs = runs_latest(customer=customer)
        for run in runs.values():
            if run.state == AgentRunState.REQUESTED:
                raise StepRetry(
                    f"ECS has not taken {run.agent.get_role_display()} yet. {run.stopped_reason}".strip(),
                    next_action="Nothing now: it is tried again.",
                )
        return {role: run.task_arn for role, run in runs.items()}

    def verify(self, customer: Customer) -> None:
        """Three agents, each with a run that ECS has given a task."""
        runs = runs_latest(customer=customer)
        missing = [role for role in AgentRole.values if role not in runs or not runs[role].task_arn]
        if missing:
            raise StepFailed(
                f"No task was started for: {', '.join(missing)}.",
                next_action="Press retry. If it comes again, read the worker's log.",
            )

    def undo(self, customer: Customer) -> Found:
        """No task runs and no agent is left; how many agents and runs there were. Waits for tasks to stop."""
        customer_runs_stop(customer=customer, reason="the customer is closed")
        runs_refresh(runs=runs_open().filter(tenant=customer))
        runs_follow_up(customer_id=customer.pk)
        with transaction.atomic():
            # Locked, so that no start that was under way can add a run between the look and the deletion.
            agents = list(Agent.objects.select_for_update().filter(tenant=customer))
            left = runs_open().filter(tenant=customer).count()
            if left:
                raise StepWaiting(
                    f"{left} {'task is' if left == 1 else 'tasks are'} stopping.",
                    next_action="Nothing: a task has half a minute to stop.",
                    poll_seconds=1,
                )
            before_forget(customer_id=customer.pk)
            runs, _ = AgentRun.objects.filter(tenant=customer).delete()
            Agent.objects.filter(tenant=customer).delete()
        # What runs in the customer's name without a run of ours: the next look (`remains`) waits for its end.
        strays = customer_tasks(customer=customer)
        for info in strays:
            ecs.stop_task(cluster=settings.ECS_CLUSTER, task_arn=info.arn, reason="the customer is closed")
        return {"agents": len(agents), "runs": runs, "strays": len(strays)} if agents or strays else {}

    def remains(self, customer: Customer) -> list[str]:
        """Tasks that ECS still runs in the customer's name."""
        return [f"task {info.arn}" for info in customer_tasks(customer=customer)]
