"""The mails about a customer's plan and invoices. Platform context. Raises OSError when the mail server is away."""

import uuid

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from billing.models import (
    Invoice,
    InvoiceKind,
    InvoiceState,
    Notice,
    NoticeKind,
    Payment,
    Subscription,
    SubscriptionState,
)
from billing.periods import grace_ends_on
from openclaw_site.mails import mail_send
from tenants.members.addresses import portal_url
from tenants.models import MembershipRole, User


def invoice_mail(invoice_id: uuid.UUID) -> None:
    """The invoice goes to whoever gets the customer's invoices, once; a task that runs twice finds it mailed."""
    with transaction.atomic():
        invoice = (
            Invoice.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("subscription", "tenant")
            .filter(pk=invoice_id, mailed_at=None)
            .first()
        )
        if invoice is None:
            return
        values = {
            "invoice": invoice,
            "what": "Credit note" if invoice.kind == InvoiceKind.CREDIT_NOTE else "Invoice",
            "total": invoice.total,
            "is_open": invoice.state == InvoiceState.OPEN,
            "by_card": invoice.subscription.payment == Payment.STRIPE,
            "lines": list(invoice.lines.all()),
            "customer": invoice.tenant,
            "url": portal_url(host=invoice.tenant.host, path=f"/billing/invoices/{invoice.pk}/"),
        }
        mail_send(_addresses(invoice.subscription), "billing/mail/invoice", values)
        invoice.mailed_at = timezone.now()
        invoice.save(update_fields=["mailed_at"])


def notice_mail(notice_id: uuid.UUID) -> None:
    """The notice goes to the owners, once; nothing when what it warns of has passed meanwhile."""
    with transaction.atomic():
        notice = (
            Notice.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("subscription", "subscription__plan", "tenant")
            .filter(pk=notice_id, mailed_at=None)
            .first()
        )
        if notice is None:
            return
        notice.mailed_at = timezone.now()
        notice.save(update_fields=["mailed_at"])
        subscription = notice.subscription
        if not _holds(notice):
            return
        values = {
            "about": notice.about,
            "customer": notice.tenant,
            "plan": subscription.plan,
            "is_trial": subscription.period_start is None,
            "grace_days": settings.SUBSCRIPTION_GRACE_DAYS,
            "ends": grace_ends_on(subscription) if subscription.past_due_on else None,
            "url": portal_url(host=notice.tenant.host, path="/billing/"),
        }
        mail_send(_addresses(subscription), f"billing/mail/{notice.kind}", values)


def _holds(notice: Notice) -> bool:
    """Whether what it warns of is still so: a mail may wait for hours, and money come meanwhile."""
    subscription = notice.subscription
    if notice.kind == NoticeKind.TRIAL_ENDING:
        return subscription.agreed_at is None and subscription.state == SubscriptionState.TRIAL
    due = SubscriptionState.SUSPENDED if notice.kind == NoticeKind.SUSPENDED else SubscriptionState.PAST_DUE
    return subscription.state == due


def _addresses(subscription: Subscription) -> list[str]:
    """Where invoices go, and the owners; with nobody of either, the mailbox that the agents read."""
    owners = User.objects.filter(
        is_active=True, memberships__tenant=subscription.tenant_id, memberships__role=MembershipRole.OWNER
    ).values_list("email", flat=True)
    found = [*owners, subscription.billing_email] if subscription.billing_email else list(owners)
    return found or [subscription.tenant.email]
