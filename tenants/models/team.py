"""Who is asked to become a member, and which mails a member was sent. No mail's text stands here."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from tenants.models.customer import Customer, Membership, MembershipRole


class Invitation(models.Model):
    """Permission for one address to become a member once. The mailed link holds for the newest `serial` only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=MembershipRole, default=MembershipRole.MEMBER)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    serial = models.PositiveIntegerField(default=1, help_text="Grows each time that it is sent; older links end.")
    sent_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "email"], condition=models.Q(accepted_at=None), name="invitation_once_open"
            ),
            models.UniqueConstraint(fields=["tenant", "id"], name="invitation_tenant_id"),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.id}"


class MemberMailKind(models.TextChoices):
    """What a member asked to be told by mail."""

    BRIEF = "brief", "Daily brief"
    HOT_LEAD = "hot_lead", "New hot lead"


class MemberMail(models.Model):
    """One mail to one member: claimed before it is sent, so that nobody gets it twice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=MemberMailKind)
    subject_key = models.CharField(max_length=40, help_text="The member's date of a brief, the id of a lead.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    begun_at = models.DateTimeField(null=True, blank=True, help_text="When a worker began to send it.")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "kind", "subject_key"], name="membermail_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="membermail_tenant_id"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.membership_id}"
