"""Invoices, which stay as they were issued: the database lets nobody change more of one than whether it is paid."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from billing.days import day_of
from billing.models.subscriptions import Subscription
from billing.money import format_money
from tenants.models import Customer


class InvoiceState(models.TextChoices):
    """What has come of an invoice."""

    OPEN = "open", "Open"
    PAID = "paid", "Paid"
    CANCELLED = "cancelled", "Cancelled"


class InvoiceKind(models.TextChoices):
    """An invoice, or what takes one back."""

    INVOICE = "invoice", "Invoice"
    CREDIT_NOTE = "credit_note", "Credit note"


class InvoiceSeries(models.Model):
    """The numbers of one year. The row is locked while a number is taken, so none is missing and none is twice."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "invoice series"

    def __str__(self) -> str:
        return f"{self.year}: {self.last_number}"


class Invoice(models.Model):
    """What a customer owes for one period. Amounts are in the currency's smallest unit: cents, or yen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="invoices")
    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=12, choices=InvoiceKind, default=InvoiceKind.INVOICE)
    corrects = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_note",
        help_text="What it takes back.",
    )
    issued_on = models.DateField()
    due_on = models.DateField()
    period_start = models.DateField()
    period_end = models.DateField(help_text="The first day that is not in it.")
    seller = models.TextField(help_text="As it stood in the settings.")
    buyer = models.TextField()
    buyer_tax_id = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_percent = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=InvoiceState, default=InvoiceState.OPEN)
    paid_on = models.DateField(null=True, blank=True)
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The member of staff who saw the money.",
    )
    payment_reference = models.CharField(
        max_length=100, blank=True, help_text="As the bank, or Stripe, calls the payment."
    )
    failed_on = models.DateField(null=True, blank=True, help_text="Since when its card is refused.")
    mailed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-issued_on", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="invoice_tenant_id"),
            models.UniqueConstraint(
                fields=["subscription", "period_start"],
                condition=models.Q(kind="invoice") & ~models.Q(state="cancelled"),
                name="invoice_once_a_period",
            ),
            models.CheckConstraint(
                condition=models.Q(total_minor=models.F("net_minor") + models.F("tax_minor")), name="invoice_adds_up"
            ),
            models.CheckConstraint(
                condition=models.Q(state="paid", paid_on__isnull=False) | ~models.Q(state="paid"),
                name="invoice_paid_on",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=models.Q(state="open"), name="invoice_open")]

    def __str__(self) -> str:
        return self.number

    @property
    def net(self) -> str:
        """Without tax, as a person reads it."""
        return format_money(self.net_minor, self.currency)

    @property
    def tax(self) -> str:
        """The tax, as a person reads it."""
        return format_money(self.tax_minor, self.currency)

    @property
    def total(self) -> str:
        """What is to be paid, as a person reads it."""
        return format_money(self.total_minor, self.currency)

    @property
    def is_overdue(self) -> bool:
        """Whether the money should have come by now."""
        return self.state == InvoiceState.OPEN and self.due_on < day_of(timezone.now())

    @property
    def standing(self) -> str:
        """What has come of it, in words."""
        if self.kind == InvoiceKind.CREDIT_NOTE:
            return "Credit note"
        if self.paid_on is not None and self.state == InvoiceState.PAID:
            return f"Paid on {self.paid_on:%-d %B %Y}"
        return "Overdue" if self.is_overdue else self.get_state_display()


class InvoiceLine(models.Model):
    """One thing that is paid for."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    description = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()

    class Meta:
        ordering = ["invoice", "id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "id"], name="invoiceline_tenant_id")]

    def __str__(self) -> str:
        return self.description

    @property
    def amount(self) -> str:
        """As a person reads it."""
        return format_money(self.amount_minor, self.invoice.currency)
