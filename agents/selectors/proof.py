"""What the agents themselves wrote in the customer's schema to show that they live.

Enters the platform's context with the customer's schema by itself: the platform may count and date activities there,
never read what mail they came from.
"""

import uuid
from datetime import datetime

from django.db.models import QuerySet

from agents.workspace.models import Activity
from tenants.isolation.context import enter_platform
from tenants.models import Customer

PROOF = "proof_of_life"


def proven_runs(*, customer: Customer) -> dict[uuid.UUID, datetime]:
    """When each of the customer's runs first wrote its proof of life, by run id; runs that did not are left out."""
    with enter_platform(customer.id):
        rows = list(_proofs(customer).values_list("agent_run_id", "created_at"))
    proven: dict[uuid.UUID, datetime] = {}
    for run_id, at in rows:
        if run_id is not None:
            proven.setdefault(run_id, at)
    return proven


def proof_of_life(*, customer: Customer) -> dict[str, datetime]:
    """When each role last wrote its proof of life, by role; a role that never did is left out.

    Raises django.db.ProgrammingError when the customer has no schema.
    """
    with enter_platform(customer.id):
        return dict(_proofs(customer).values_list("agent_role", "created_at"))


def _proofs(customer: Customer) -> QuerySet[Activity]:
    return Activity.objects.filter(tenant_id=customer.id, kind=PROOF).order_by("created_at")
