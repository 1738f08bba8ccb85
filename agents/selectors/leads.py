"""Whether Writer has something to do. The customer's own context: it takes more than the platform may see.

The rule is that of `agents.runtime.store.leads`, by which Writer itself finds its leads: were this one wider, Writer
would be started for leads that it never finds.
"""

import uuid

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from agents.workspace.models import Draft, InboxMessage, Lead


def leads_waiting(*, customer_id: uuid.UUID) -> QuerySet[Lead]:
    """Leads that want a draft: the message that shows them is there, neither they nor its thread have a draft, and
    Writer has not passed them over since something new was known of them.
    """
    drafts = Draft.objects.filter(tenant_id=customer_id)
    evidence = InboxMessage.objects.filter(tenant_id=customer_id, gmail_id=OuterRef("evidence_message_id"))
    return (
        Lead.objects.filter(tenant_id=customer_id)
        .annotate(evidence_thread_id=Subquery(evidence.values("thread_id")[:1]))
        .filter(
            Q(considered_at=None) | Q(considered_at__lt=F("updated_at")),
            ~Exists(drafts.filter(lead_id=OuterRef("pk"))),
            ~Exists(drafts.filter(gmail_thread_id=OuterRef("evidence_thread_id"))),
            evidence_thread_id__isnull=False,
        )
    )
