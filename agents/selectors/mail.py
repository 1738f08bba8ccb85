"""Whether stored mail waits for a role. Customer's context.

By the runtime's own rule (`agents.runtime.store.mail`): a test holds the two against each other.
"""

import uuid

from agents.models import AgentRole
from agents.workspace.models import InboxMessage

_MARKS = {AgentRole.BUTLER: "sorted_at", AgentRole.SCOUT: "scouted_at"}


def roles_with_mail(*, customer_id: uuid.UUID) -> set[str]:
    """Butler and Scout, those of them that have not gone over all that is stored: a run of theirs did not end well."""
    messages = InboxMessage.objects.filter(tenant_id=customer_id)
    return {role.value for role, mark in _MARKS.items() if messages.filter(**{f"{mark}__isnull": True}).exists()}
