"""Customers with a schema of their own, and rows in it as the agents would write them."""

import uuid
from datetime import datetime
from typing import Any

from agents.models import AgentRun
from agents.workspace.models import Activity, ModelUsage
from tenants.isolation.context import enter_customer
from tenants.models import Customer, CustomerState
from tenants.onboarding.steps.schema import SchemaStep
from tests.factories import make_customer


def make_customer_with_schema(**fields: Any) -> Customer:
    """An active customer whose agents can write."""
    customer = make_customer(**{"state": CustomerState.ACTIVE, **fields})
    SchemaStep().apply(customer)
    return customer


def write(customer: Customer, table: Any, /, **fields: Any) -> Any:
    """A row in the customer's schema."""
    with enter_customer(customer.id):
        return table.objects.create(tenant_id=customer.id, **fields)


def spend(customer: Customer, micro_usd: int, *, at: datetime | None = None, run: AgentRun | None = None) -> None:
    """An agent of the customer's used the model, by default just now."""
    when = {} if at is None else {"created_at": at}
    write(
        customer,
        ModelUsage,
        agent_role=run.agent.role if run else "butler",
        agent_run_id=run.pk if run else uuid.uuid4(),
        model="claude-haiku-4-5",
        calls=2,
        input_tokens=1_000,
        output_tokens=200,
        cache_read_tokens=5_000,
        cache_write_tokens=700,
        cost_micro_usd=micro_usd,
        **when,
    )


def tell(run: AgentRun, kind: str, **data: Any) -> None:
    """The run wrote an activity."""
    write(run.tenant, Activity, agent_role=run.agent.role, agent_run_id=run.pk, kind=kind, data=data)
