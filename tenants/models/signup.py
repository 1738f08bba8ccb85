"""One company's way from the sign-up form to its first customer, with the time of each step."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from tenants.models.customer import Customer
from tenants.validators import validate_display_name, validate_subdomain


class SignupState(models.TextChoices):
    """Where a sign-up stands. Whether the mailed link has expired stands in `expires_at`."""

    WAITING = "waiting", "Waits for the mailed link"
    CONFIRMED = "confirmed", "Confirmed, being made"
    CHOOSING = "choosing", "Has to choose again"
    MADE = "made", "Made"
    KNOWN = "known", "Has an account already"


class Signup(models.Model):
    """What a stranger typed. Written by the public host, but for what the platform makes of it.

    No customer's row yet, so it has no `tenant_id`; only the sign-up's own browser is led to it, by its session.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    company = models.CharField(max_length=200, validators=[validate_display_name])
    subdomain = models.CharField(max_length=63, validators=[validate_subdomain])
    person = models.CharField(max_length=150, validators=[validate_display_name])
    email = models.EmailField()
    password = models.CharField(max_length=128, blank=True, help_text="Hashed; erased once the person has it.")
    google_subject = models.CharField(max_length=255, blank=True)
    plan = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=SignupState, default=SignupState.WAITING)
    problem = models.CharField(max_length=500, blank=True, help_text="What has to be chosen again, and why.")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    signed_in_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=SignupState.values), name="signup_state_known")
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="signup_state")]

    def __str__(self) -> str:
        return f"Sign-up {self.id}"
