"""The login of the customer's agents."""

from tenants.isolation.roles import agent_role_drop, agent_role_ensure, agent_role_exists
from tenants.models import Customer
from tenants.onboarding.steps.base import Found, Step, StepRetry
from tenants.onboarding.steps.owner import require_owner


class DatabaseRoleStep(Step):
    """USAGE on its own schema, its own rows, a connection limit."""

    name = "database_role"
    title = "Database login of the agents"

    def apply(self, customer: Customer) -> Found:
        require_owner()
        agent_role_ensure(customer_id=customer.id)
        return {"role": customer.database_role}

    def verify(self, customer: Customer) -> None:
        if not agent_role_exists(customer_id=customer.id):
            raise StepRetry("The login is not there.", next_action="Nothing: it is made again.")

    def undo(self, customer: Customer) -> Found:
        require_owner()
        return {"role": customer.database_role} if agent_role_drop(customer_id=customer.id) else {}

    def remains(self, customer: Customer) -> list[str]:
        return [f"login {customer.database_role}"] if agent_role_exists(customer_id=customer.id) else []
