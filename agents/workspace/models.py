"""What the agents read and write: one set of tables in every customer's schema, under Row-Level Security.

Table names are plain, as a person at psql expects. The agents write them without Django, so ids and times have
defaults in the database.
"""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now


class WorkspaceModel(models.Model):
    """What every table of a customer's schema has."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    tenant_id = models.UUIDField(editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


class InboxMessage(WorkspaceModel):
    """A message that an agent has seen: its envelope and Gmail's snippet, not its body."""

    gmail_id = models.TextField()
    thread_id = models.TextField()
    sender = models.TextField(blank=True)
    recipient = models.TextField(blank=True)
    subject = models.TextField(blank=True)
    snippet = models.TextField(blank=True)
    label_ids = models.JSONField(default=list, db_default=[])
    received_at = models.DateTimeField()

    class Meta:
        db_table = "inbox_messages"
        ordering = ["-received_at"]
        constraints = [models.UniqueConstraint(fields=["tenant_id", "gmail_id"], name="inbox_message_once")]
        indexes = [models.Index(fields=["tenant_id", "-received_at"], name="inbox_message_latest")]

    def __str__(self) -> str:
        return self.gmail_id


class Lead(WorkspaceModel):
    """Somebody who may buy, found in the mail."""

    name = models.TextField(blank=True)
    company = models.TextField(blank=True)
    email = models.TextField()
    intent = models.TextField(blank=True)
    score = models.SmallIntegerField(default=0, db_default=0)
    evidence_message_id = models.TextField(blank=True, help_text="Gmail's id of the message that shows it.")

    class Meta:
        db_table = "leads"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "email"], name="lead_once")]

    def __str__(self) -> str:
        return self.email


class DraftStatus(models.TextChoices):
    """What the customer said of a draft."""

    PENDING = "pending", "Pending"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"


class Draft(WorkspaceModel):
    """An answer that Writer proposes. Nothing sends it but a person."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, null=True, blank=True, related_name="drafts")
    subject = models.TextField(blank=True)
    body = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=DraftStatus, default=DraftStatus.PENDING, db_default="pending")
    gmail_thread_id = models.TextField(blank=True)

    class Meta:
        db_table = "drafts"

    def __str__(self) -> str:
        return str(self.id)


class Activity(WorkspaceModel):
    """What an agent did, for people to read. Holds no mail text."""

    agent_role = models.TextField()
    agent_run_id = models.UUIDField(null=True, blank=True)
    kind = models.TextField()
    summary = models.TextField(blank=True)
    data = models.JSONField(default=dict, db_default={})

    class Meta:
        db_table = "activities"
        verbose_name_plural = "activities"
        indexes = [models.Index(fields=["tenant_id", "kind", "-created_at"], name="activity_latest")]

    def __str__(self) -> str:
        return f"{self.agent_role}: {self.kind}"
