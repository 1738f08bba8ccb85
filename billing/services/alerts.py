"""Telling people in time: a model budget that is being spent, a customer that loses money. Platform context.

Each is told once: a budget once a threshold and month, a loss once a month. A customer's owners get a mail at 80 and at
100 %, at which its agents rest; staff see 50 % too, in the admin. A loss is told to the staff who may see costs.
"""

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.db.utils import DatabaseError
from django.utils import timezone

from agents.errors import is_schema_missing
from agents.plans import PlanTerms, plan_terms
from agents.selectors import month_cost_micro_usd
from billing import mails
from billing.days import day_of, days_in_month, month_first
from billing.models import BudgetAlert, LossAlert
from billing.selectors.forecast import forecasts
from billing.selectors.revenue import revenue
from tenants.models import Customer, CustomerState

logger = logging.getLogger(__name__)

THRESHOLDS: Final = (50, 80, 100)
LEAST_MAILED: Final = 80
# A forecast of fewer whole days of the month says too little to trouble anybody with it.
LEAST_DAYS: Final = 3
BUDGET, LOSS = "budget", "loss"
_TABLES: Final = {BUDGET: BudgetAlert, LOSS: LossAlert}
_SENDERS: Final = {BUDGET: mails.budget, LOSS: mails.loss}
# So long it is tried to send a mail.
_UNSENT: Final = timedelta(days=1)


def budget_alerts_check(*, now: datetime | None = None) -> list[uuid.UUID]:
    """Every threshold that a customer passed this month has its row; the ids of those to be mailed. Safe to repeat.

    The sum is the bridge's own, by which it refuses calls. A customer without a plan or a schema is left out.
    """
    moment = now or timezone.now()
    terms = plan_terms()
    customers = Customer.objects.exclude(state__in=[CustomerState.CLOSED, CustomerState.PENDING]).order_by("pk")
    for customer in customers:
        its = terms.get(customer.plan)
        if its is not None and its.model_budget_cents:
            _check_budget(customer, its, moment)
    return _unsent(BUDGET, Q(threshold_percent__gte=LEAST_MAILED), moment)


def loss_alerts_check(*, now: datetime | None = None) -> list[uuid.UUID]:
    """Every customer whose month is expected to cost more than it pays has its row; the ids of those to be mailed.

    Only customers whose revenue is known, and with LEAST_DAYS whole days in the month. Of a month that is paid for in
    part, as a trial went before, the same part of the costs counts. Safe to repeat.
    """
    moment = now or timezone.now()
    today = day_of(moment)
    paid = revenue(month=month_first(today), today=today)
    for tenant, forecast in forecasts(today=today).items():
        its = paid.get(tenant) if tenant else None
        if its is None or its.problem or forecast.whole_days < LEAST_DAYS:
            continue
        if forecast.micro_usd * its.days <= its.micro_usd * days_in_month(today):
            continue
        values = {
            "revenue_micro_usd": its.micro_usd,
            "forecast_micro_usd": forecast.micro_usd,
            "created_at": moment,
        }
        LossAlert.objects.get_or_create(tenant_id=tenant, month=month_first(today), defaults=values)
    return _unsent(LOSS, Q(), moment)


def alert_mail(*, kind: str, alert_id: uuid.UUID) -> bool:
    """The alert's mail went out, once; False when it had gone before or the alert is gone. Safe to repeat.

    Raises OSError when the mail server is away; the alert can be mailed again then.
    """
    table = _TABLES[kind]
    if not table._default_manager.filter(pk=alert_id, mailed_at=None).update(mailed_at=timezone.now()):
        return False
    try:
        _SENDERS[kind](alert_id)
    except OSError:
        table._default_manager.filter(pk=alert_id).update(mailed_at=None)
        raise
    return True


def _check_budget(customer: Customer, terms: PlanTerms, now: datetime) -> None:
    budget = terms.model_budget_micro_usd
    try:
        spent = month_cost_micro_usd(customer_id=customer.pk, now=now)
    except DatabaseError as error:
        if not is_schema_missing(error):
            logger.warning("What customer %s spent can't be read: %s", customer.pk, type(error).__name__)
        return
    passed = [threshold for threshold in THRESHOLDS if spent * 100 >= budget * threshold]
    if passed:
        _note(customer, passed, spent, budget, now)


def _note(customer: Customer, passed: Iterable[int], spent: int, budget: int, now: datetime) -> None:
    """Rows for thresholds that have none. Of several passed at once, only the highest is worth a mail."""
    month = month_first(day_of(now))
    *lower, highest = sorted(passed)
    with transaction.atomic():
        for threshold in (*lower, highest):
            values = {"spent_micro_usd": spent, "budget_micro_usd": budget, "created_at": now}
            BudgetAlert.objects.get_or_create(
                tenant=customer, month=month, threshold_percent=threshold, defaults=values
            )
        unsaid = BudgetAlert.objects.filter(tenant=customer, month=month, threshold_percent__in=lower, mailed_at=None)
        unsaid.update(mailed_at=now)


def _unsent(kind: str, which: Q, now: datetime) -> list[uuid.UUID]:
    """Alerts of the last day that nobody was told of. An older one would be no news."""
    young = _TABLES[kind]._default_manager.filter(which, mailed_at=None, created_at__gte=now - _UNSENT)
    return list(young.order_by("created_at", "pk").values_list("pk", flat=True))
