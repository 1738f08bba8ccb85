"""The customer (the tenant), its hosts and its members."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django_tenants.models import DomainMixin, TenantMixin

from tenants.validators import validate_display_name, validate_subdomain, validate_time_zone


class CustomerState(models.TextChoices):
    """Where a customer stands. `active` means that all three agents proved themselves."""

    PENDING = "pending", "Pending"
    PROVISIONING = "provisioning", "Provisioning"
    AWAITING_GMAIL = "awaiting_gmail", "Awaiting Gmail"
    ACTIVE = "active", "Active"
    DEGRADED = "degraded", "Degraded"
    PAUSED = "paused", "Paused"
    OFFBOARDING = "offboarding", "Offboarding"
    CLOSED = "closed", "Closed"


class Customer(TenantMixin):
    """A company that bought agents. Its id is the tenant id everywhere; `tenant_hex` is the TenantID."""

    auto_create_schema = False
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, validators=[validate_display_name], help_text="As it stands on invoices.")
    slug = models.CharField(
        "subdomain",
        max_length=63,
        unique=True,
        validators=[validate_subdomain],
        help_text="Lower-case letters, digits and hyphens; the customer's own host begins with it.",
    )
    email = models.EmailField("e-mail", help_text="The mailbox that the agents will read.")
    plan = models.CharField(max_length=40, help_text="What the customer pays for.")
    region = models.CharField(max_length=30, help_text="AWS region in which its agents run.")
    time_zone = models.CharField(
        max_length=60,
        default="UTC",
        db_default="UTC",
        validators=[validate_time_zone],
        help_text="As Europe/Berlin: where its office hours are, if its plan keeps to them.",
    )
    state = models.CharField(max_length=20, choices=CustomerState, default=CustomerState.PENDING)
    state_reason = models.CharField(
        max_length=500, blank=True, help_text="Why it is in this state, if that is not plain."
    )
    is_canary = models.BooleanField(
        "canary", default=False, help_text="Its agents run the newest task definitions before those of others do."
    )
    paused_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=CustomerState.values), name="customer_state_known"),
        ]
        indexes = [models.Index(fields=["state"], name="customer_state")]

    def __str__(self) -> str:
        return self.name

    @property
    def tenant_hex(self) -> str:
        """The TenantID: 32 hexadecimal characters, used wherever the name leaves PostgreSQL's uuid columns."""
        return self.id.hex

    @property
    def database_role(self) -> str:
        """The login of this customer's agents; the schema and the IAM role carry the same name."""
        return f"t_{self.id.hex}"

    @property
    def secret_name(self) -> str:
        """Where Secrets Manager keeps this customer's Gmail token."""
        return f"/openclaw/{self.id.hex}/gmail-oauth"

    @property
    def storage_prefix(self) -> str:
        """This customer's part of the data bucket, with its closing slash."""
        return f"{self.id.hex}/"

    @property
    def host(self) -> str:
        """The customer's own host name."""
        return f"{self.slug}.{settings.CUSTOMER_DOMAIN}"


class Domain(DomainMixin):
    """A host name that leads to a customer."""

    class Meta:
        ordering = ["domain"]


class MembershipRole(models.TextChoices):
    """What a member may do on the customer's own host."""

    OWNER = "owner", "Owner"
    MEMBER = "member", "Member"


class Membership(models.Model):
    """A user of a customer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=MembershipRole, default=MembershipRole.MEMBER)
    brief_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when the member wants the daily brief by mail; empty: does not."
    )
    hot_leads_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when the member wants a mail for each new hot lead; empty: does not."
    )
    time_zone = models.CharField(
        max_length=60, blank=True, db_default="", help_text="Whose morning it is, as Europe/Berlin."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user"], name="membership_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="membership_tenant_id"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} of {self.tenant_id} ({self.role})"
