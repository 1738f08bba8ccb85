"""The customer's words to its agents. They are read at an agent's next run."""

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from agents.workspace.errors import ProfileChanged
from agents.workspace.models import Profile


def profile_save(*, customer_id: uuid.UUID, seen: datetime | None, tone: str, facts: str) -> Profile:
    """The profile has these texts. `seen` is its `updated_at` on the member's page, None where there was none.

    Raises ProfileChanged when another member was faster. The sizes are the form's to hold.
    """
    rows = Profile.objects.filter(tenant_id=customer_id)
    if seen is None:
        try:
            with transaction.atomic():
                created = Profile.objects.create(tenant_id=customer_id, tone=tone, facts=facts)
        except IntegrityError:
            raise ProfileChanged(rows.get()) from None
        return Profile.objects.get(id=created.id)
    changed = rows.filter(updated_at=seen).update(tone=tone, facts=facts, updated_at=Now())
    current = rows.get()
    if not changed:
        raise ProfileChanged(current)
    return current
