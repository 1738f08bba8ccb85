"""The mails about money, in text and HTML. Platform context. Raises OSError when the mail server is away."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Q

from agents.words import usd
from billing.models import BudgetAlert, LossAlert
from openclaw_site.mails import mail_send
from tenants.members.addresses import portal_url
from tenants.models import MembershipRole, User

SEES_COSTS = "view_costentry"


def budget(alert_id: uuid.UUID) -> None:
    """To the customer's owners: how much of the month's model budget is spent. Nothing where there is no owner."""
    alert = BudgetAlert.objects.select_related("tenant").get(pk=alert_id)
    owners = User.objects.filter(
        is_active=True, memberships__tenant=alert.tenant_id, memberships__role=MembershipRole.OWNER
    )
    values = {
        "customer": alert.tenant,
        "percent": alert.threshold_percent,
        "is_spent": alert.threshold_percent >= 100,
        "month": alert.month,
        "url": portal_url(host=alert.tenant.host),
    }
    _send(owners, "budget", values)


def loss(alert_id: uuid.UUID) -> None:
    """To the staff who may see costs: a customer is expected to cost more than it pays."""
    alert = LossAlert.objects.select_related("tenant").get(pk=alert_id)
    may_see = Q(is_superuser=True)
    for holder in ("user_permissions", "groups__permissions"):
        may_see |= Q(**{f"{holder}__codename": SEES_COSTS, f"{holder}__content_type__app_label": "billing"})
    staff = User.objects.filter(may_see, is_staff=True, is_active=True)
    values = {
        "customer": alert.tenant,
        "month": alert.month,
        "pays": usd(alert.revenue_micro_usd),
        "costs": usd(alert.forecast_micro_usd),
        "url": f"{settings.ADMIN_BASE_URL}/tenants/customer/{alert.tenant_id}/change/",
    }
    _send(staff, "loss", values)


def _send(people: Iterable[User], name: str, values: dict[str, Any]) -> None:
    mail_send([person.email for person in people], f"billing/mail/{name}", values)
