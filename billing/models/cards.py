"""What is known of Stripe's side: who pays by card, for which price, and what Stripe told us. Nothing of the card."""

import uuid

from django.db import models
from django.db.models.functions import Now

from billing.models.invoices import Invoice
from billing.models.plans import Plan
from billing.models.subscriptions import Subscription
from tenants.models import Customer


class CardPrice(models.Model):
    """Stripe's price for a month of one plan, tax included; made once for each amount that somebody pays."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.PositiveBigIntegerField(help_text="In the currency's smallest unit, tax included.")
    currency = models.CharField(max_length=3)
    price_ref = models.CharField(max_length=255, unique=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "amount_minor", "currency"], name="cardprice_once"),
        ]

    def __str__(self) -> str:
        return self.price_ref


class CardAccount(models.Model):
    """A subscription at Stripe, as it was when it was last looked at."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    subscription = models.OneToOneField(Subscription, on_delete=models.PROTECT, related_name="card_account")
    customer_ref = models.CharField("customer at Stripe", max_length=255, unique=True)
    subscription_ref = models.CharField(
        "subscription at Stripe", max_length=255, unique=True, null=True, blank=True, help_text="While it goes on."
    )
    price = models.ForeignKey(CardPrice, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancels = models.BooleanField(default=False, help_text="Whether it ends at Stripe with the period that runs.")
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="Since when a worker compares both sides.")
    looked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "id"], name="cardaccount_tenant_id")]

    def __str__(self) -> str:
        return self.customer_ref


class VisitKind(models.TextChoices):
    """What an owner wants to do on Stripe's pages."""

    SUBSCRIBE = "subscribe", "Pay every month by card"
    INVOICE = "invoice", "Pay one invoice by card"
    PORTAL = "portal", "Change the card"


class CardVisit(models.Model):
    """An owner's wish to be led to one of Stripe's pages. A worker, which has the key, answers with its address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=VisitKind)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    url = models.URLField(max_length=2000, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="cardvisit_tenant_id"),
            models.CheckConstraint(
                condition=models.Q(kind="invoice", invoice__isnull=False)
                | ~models.Q(kind="invoice") & models.Q(invoice__isnull=True),
                name="cardvisit_invoice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class PaymentEvent(models.Model):
    """That something happened at Stripe, and to which object. What the event said is not kept: the object is asked."""

    id = models.CharField(primary_key=True, max_length=255)
    kind = models.CharField(max_length=100)
    object_ref = models.CharField("object", max_length=255)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        verbose_name = "message from Stripe"
        verbose_name_plural = "messages from Stripe"
        ordering = ["-happened_at"]
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(done_at__isnull=True), name="paymentevent_waits")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_ref}"
