"""What is known of a customer's Gmail. The tokens themselves live in Secrets Manager, never in these tables."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from tenants.models.customer import Customer


class GmailState(models.TextChoices):
    """Whether the agents can read the mailbox."""

    NOT_CONNECTED = "not_connected", "Not connected"
    STORING = "storing", "Storing the token"
    CONNECTED = "connected", "Connected"
    NEEDS_RECONNECT = "needs_reconnect", "Needs to be connected again"
    DISCONNECTING = "disconnecting", "Being disconnected"


class GmailConnection(models.Model):
    """The state of one customer's Gmail consent: one row a customer, made with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="gmail")
    state = models.CharField(max_length=20, choices=GmailState, default=GmailState.NOT_CONNECTED)
    google_email = models.EmailField(blank=True)
    scopes = models.JSONField(default=list, blank=True)
    connected_at = models.DateTimeField(null=True, blank=True)
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When the refresh token last proved itself.")
    history_id = models.CharField(
        max_length=30, blank=True, help_text="Gmail's number of the mailbox's newest change, when it was last checked."
    )
    error = models.CharField(max_length=500, blank=True)
    next_action = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "id"], name="gmailconnection_tenant_id")]
        indexes = [models.Index(fields=["state", "checked_at"], name="gmailconnection_due")]

    def __str__(self) -> str:
        return f"Gmail of {self.tenant_id}: {self.state}"


class GmailIntent(models.Model):
    """Permission to connect one customer's Gmail once, given to one actor for a short time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="gmail_intents")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    with_drafts = models.BooleanField(
        default=False, db_default=False, help_text="Whether the person also wants approved drafts to be put into Gmail."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "id"], name="gmailintent_tenant_id")]

    def __str__(self) -> str:
        return f"Gmail intent {self.id}"


class TokenOutbox(models.Model):
    """A Gmail token on its way to Secrets Manager: encrypted, one row a customer at most, erased on arrival."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="+")
    ciphertext = models.BinaryField()
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = "token outbox"
        constraints = [models.UniqueConstraint(fields=["tenant", "id"], name="tokenoutbox_tenant_id")]

    def __str__(self) -> str:
        return f"Token of {self.tenant_id}"
