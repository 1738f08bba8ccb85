"""The customer's part of the data bucket."""

from django.conf import settings

from openclaw_site.aws import storage
from tenants.models import Customer
from tenants.onboarding.steps.base import Found, Step, StepRetry


class StoragePrefixStep(Step):
    """A marker object under the prefix; on the way out every version of every object is deleted."""

    name = "storage_prefix"
    title = "Storage prefix"

    def apply(self, customer: Customer) -> Found:
        tags = {"TenantID": customer.tenant_hex}
        storage.put_prefix(bucket=settings.AGENT_BUCKET, prefix=customer.storage_prefix, tags=tags)
        return {"bucket": settings.AGENT_BUCKET, "prefix": customer.storage_prefix}

    def verify(self, customer: Customer) -> None:
        if not storage.prefix_exists(bucket=settings.AGENT_BUCKET, prefix=customer.storage_prefix):
            raise StepRetry("S3 does not show the prefix yet.", next_action="Nothing: it is looked for again.")

    def undo(self, customer: Customer) -> Found:
        deleted = storage.delete_prefix(bucket=settings.AGENT_BUCKET, prefix=customer.storage_prefix)
        return {"prefix": customer.storage_prefix, "object_versions": deleted} if deleted else {}

    def remains(self, customer: Customer) -> list[str]:
        count = storage.count_objects(bucket=settings.AGENT_BUCKET, prefix=customer.storage_prefix)
        return [f"{count} objects below {customer.storage_prefix}"] if count else []
