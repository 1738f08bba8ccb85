"""The customer's schema with its tables, policies and grants."""

from tenants.isolation.schemas import schema_create, schema_drop, schema_exists, schema_problems
from tenants.models import Customer
from tenants.onboarding.steps.base import Found, Step, StepRetry
from tenants.onboarding.steps.owner import require_owner


class SchemaStep(Step):
    """Made by the owner's login; on the way out dropped with everything in it, its rows counted."""

    name = "schema"
    title = "Database schema"

    def apply(self, customer: Customer) -> Found:
        require_owner()
        schema_create(customer_id=customer.id)
        return {"schema": customer.schema_name}

    def verify(self, customer: Customer) -> None:
        problems = schema_problems(customer_id=customer.id)
        if problems:
            raise StepRetry(f"The schema is not whole: {problems[0]}.", next_action="Nothing: it is made again.")

    def undo(self, customer: Customer) -> Found:
        require_owner()
        rows = schema_drop(customer_id=customer.id)
        return {"schema": customer.schema_name, "rows": rows} if rows is not None else {}

    def remains(self, customer: Customer) -> list[str]:
        return [f"schema {customer.schema_name}"] if schema_exists(schema=customer.schema_name) else []
