"""What the agents read and write: one set of tables in every customer's schema, under Row-Level Security.

Table names are plain, as a person at psql expects. The agents write them without Django, so ids and times have
defaults in the database.
"""

import uuid
from email.utils import parseaddr

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

TONE_CHARACTERS = 2_000
FACTS_CHARACTERS = 4_000


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
    category = models.TextField(blank=True, db_default="", help_text="Butler's word for what it is.")
    urgency = models.TextField(blank=True, db_default="")
    needs_reply = models.BooleanField(null=True, blank=True)
    classified_at = models.DateTimeField(null=True, blank=True)
    sorted_at = models.DateTimeField(null=True, blank=True, help_text="When Butler went over it; until then it waits.")
    scouted_at = models.DateTimeField(null=True, blank=True, help_text="When Scout went over it; until then it waits.")

    class Meta:
        db_table = "inbox_messages"
        ordering = ["-received_at"]
        constraints = [models.UniqueConstraint(fields=["tenant_id", "gmail_id"], name="inbox_message_once")]
        indexes = [
            models.Index(fields=["tenant_id", "-received_at"], name="inbox_message_latest"),
            models.Index(
                fields=["received_at"], condition=models.Q(sorted_at__isnull=True), name="inbox_message_unsorted"
            ),
            models.Index(
                fields=["received_at"], condition=models.Q(scouted_at__isnull=True), name="inbox_message_unscouted"
            ),
        ]

    def __str__(self) -> str:
        return self.gmail_id

    @property
    def sender_name(self) -> str:
        """Who wrote, as the sender calls itself; the whole line where it has no name."""
        return parseaddr(self.sender)[0] or self.sender

    @property
    def sender_address(self) -> str:
        """The address behind the name; empty where there is no name."""
        name, address = parseaddr(self.sender)
        return address if name else ""

    @property
    def teaser(self) -> str:
        """Gmail's snippet. It breaks off anywhere, which is shown."""
        return self.snippet if not self.snippet or self.snippet[-1] in ".!?…" else f"{self.snippet}…"


class MailboxState(WorkspaceModel):
    """How far an agent has read: Gmail's history id after its last complete look."""

    agent_role = models.TextField()
    history_id = models.TextField()
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "mailbox_state"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "agent_role"], name="mailbox_state_once")]

    def __str__(self) -> str:
        return f"{self.agent_role}: {self.history_id}"


class Lead(WorkspaceModel):
    """Somebody who may buy, found in the mail."""

    name = models.TextField(blank=True)
    company = models.TextField(blank=True)
    email = models.TextField()
    intent = models.TextField(blank=True)
    score = models.SmallIntegerField(default=0, db_default=0)
    evidence_message_id = models.TextField(blank=True, help_text="Gmail's id of the message that shows it.")
    updated_at = models.DateTimeField(db_default=Now())
    considered_at = models.DateTimeField(
        null=True, blank=True, help_text="When Writer last had it before it, whether it wrote a draft or not."
    )

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


class GmailDraftState(models.TextChoices):
    """Where an approved draft stands on its way into the customer's Gmail; empty when it does not go there."""

    QUEUED = "queued", "On its way"
    PUTTING = "putting", "Being put into Gmail"
    DONE = "done", "In Gmail"
    FAILED = "failed", "Not in Gmail"


class Draft(WorkspaceModel):
    """An answer that Writer proposes, one a thread. Nothing sends it but a person, and only a person decides on it."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, null=True, blank=True, related_name="drafts")
    subject = models.TextField(blank=True)
    body = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=DraftStatus, default=DraftStatus.PENDING, db_default="pending")
    gmail_thread_id = models.TextField(blank=True)
    recipient = models.TextField(blank=True, db_default="")
    updated_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.TextField(blank=True, db_default="", help_text="The member's e-mail address.")
    edited_by = models.TextField(
        blank=True, db_default="", help_text="Who last changed Writer's words, which then are not Writer's to replace."
    )
    gmail_state = models.CharField(max_length=10, choices=GmailDraftState, blank=True, db_default="")
    gmail_claimed_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last asked for, or claimed by who puts it there."
    )
    gmail_message_id = models.TextField(blank=True, db_default="", help_text="Gmail's id of the draft's message.")
    gmail_note = models.TextField(
        blank=True,
        db_default="",
        help_text="Why it is not in Gmail, and what to do; or what is not as one would expect of it there.",
    )

    class Meta:
        db_table = "drafts"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "gmail_thread_id"], condition=~models.Q(gmail_thread_id=""), name="draft_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class Brief(WorkspaceModel):
    """Butler's report on a day's mail, written anew by each of its runs of that day."""

    day = models.DateField()
    body = models.TextField()
    agent_run_id = models.UUIDField(null=True, blank=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "briefs"
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["tenant_id", "day"], name="brief_once")]

    def __str__(self) -> str:
        return str(self.day)


class Profile(WorkspaceModel):
    """What a customer wants its agents to know: its tone, and facts about its business. One row."""

    tone = models.TextField(blank=True, db_default="", max_length=TONE_CHARACTERS)
    facts = models.TextField(blank=True, db_default="", max_length=FACTS_CHARACTERS)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "profiles"
        constraints = [models.UniqueConstraint(fields=["tenant_id"], name="profile_once")]

    def __str__(self) -> str:
        return str(self.tenant_id)


class ModelUsage(WorkspaceModel):
    """What one turn of the engine used of the model. Money in millionths of a US dollar."""

    agent_role = models.TextField()
    agent_run_id = models.UUIDField(null=True, blank=True)
    model = models.TextField()
    calls = models.IntegerField()
    input_tokens = models.BigIntegerField(help_text="Neither read from the cache nor written to it.")
    output_tokens = models.BigIntegerField()
    cache_read_tokens = models.BigIntegerField()
    cache_write_tokens = models.BigIntegerField()
    cost_micro_usd = models.BigIntegerField()

    class Meta:
        db_table = "model_usage"
        verbose_name_plural = "model usage"
        indexes = [models.Index(fields=["tenant_id", "-created_at"], name="model_usage_latest")]

    def __str__(self) -> str:
        return f"{self.agent_role}: {self.cost_micro_usd} micro-USD"


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
        indexes = [
            models.Index(fields=["tenant_id", "kind", "-created_at"], name="activity_latest"),
            models.Index(fields=["tenant_id", "-created_at"], name="activity_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.agent_role}: {self.kind}"
