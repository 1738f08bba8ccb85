"""The IAM role that the customer's tasks run as."""

from django.conf import settings

from openclaw_site.aws import iam
from tenants.models import Customer
from tenants.onboarding.steps.base import Found, Step, StepRetry


class IamRoleStep(Step):
    """Tagged with the TenantID, under the permissions boundary, with the one static policy and nothing else."""

    name = "iam_role"
    title = "IAM role of the agents"

    def apply(self, customer: Customer) -> Found:
        arn = iam.ensure_role(
            name=customer.database_role,
            path=settings.TENANT_ROLE_PATH,
            tags={"TenantID": customer.tenant_hex},
            boundary_arn=settings.TENANT_BOUNDARY_ARN,
            policy_arns=[settings.TENANT_POLICY_ARN],
            description="Agents of one OpenClaw customer",
        )
        return {"role_arn": arn}

    def verify(self, customer: Customer) -> None:
        role = iam.find_role(name=customer.database_role)
        is_right = (
            role is not None
            and role.tags.get("TenantID") == customer.tenant_hex
            and role.boundary_arn == settings.TENANT_BOUNDARY_ARN
            and role.policy_arns == (settings.TENANT_POLICY_ARN,)
        )
        if not is_right:
            raise StepRetry(
                "IAM does not show the role as it should be yet.", next_action="Nothing: it is looked for again."
            )

    def undo(self, customer: Customer) -> Found:
        return {"role": customer.database_role} if iam.delete_role(name=customer.database_role) else {}

    def remains(self, customer: Customer) -> list[str]:
        return [f"role {customer.database_role}"] if iam.find_role(name=customer.database_role) else []
