"""Celery's way into the services about money, on the queue `default`. Each task is safe to run twice."""

import logging
import uuid
from datetime import date, timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from billing import services, subscription_mails
from billing.days import day_of
from billing.errors import BillingError, CardAccountBusy, CardEventEarly, PaymentsAway
from tenants.isolation.context import enter_platform

logger = logging.getLogger(__name__)

# A mail server that is away for a while costs no mail. smtplib's errors are among OSError.
_PATIENT: dict[str, Any] = {"autoretry_for": (OSError,), "retry_backoff": 10, "max_retries": 6}
# A minute of Stripe's absence costs nothing; what takes longer the sweep asks for again.
_UNTIL_STRIPE_ANSWERS: dict[str, Any] = {
    "autoretry_for": (PaymentsAway, CardAccountBusy, CardEventEarly),
    "retry_backoff": 2,
    "max_retries": 5,
}


@shared_task(name="billing.tasks.usage_meter_today")
def usage_meter_today() -> None:
    """Today's usage and costs so far, and who has to be told. Beat calls it every hour."""
    with enter_platform():
        today = day_of(timezone.now())
        services.usage_meter(day=today)
        _derive(today)
        _tell(services.BUDGET, services.budget_alerts_check())


@shared_task(name="billing.tasks.usage_meter_late")
def usage_meter_late() -> None:
    """The last days' usage and costs with what came late, and who loses money. Beat calls it once a day."""
    with enter_platform():
        for day in services.days_to_meter():
            services.usage_meter(day=day)
            _derive(day)
        _tell(services.LOSS, services.loss_alerts_check())


@shared_task(name="billing.tasks.storage_meter")
def storage_meter() -> None:
    """What stands in the bucket today. Beat calls it once a day, on the queue `provisioning`."""
    with enter_platform():
        services.storage_meter(day=day_of(timezone.now()))


@shared_task(name="billing.tasks.alert_mail")
def alert_mail(kind: str, alert_id: str) -> None:
    """Send one alert's mail. When the mail server is away the next round of the checks asks again."""
    with enter_platform():
        try:
            services.alert_mail(kind=kind, alert_id=uuid.UUID(alert_id))
        except OSError as error:
            logger.warning("The mail of alert %s was not sent: %s", alert_id, type(error).__name__)


@shared_task(name="billing.tasks.subscriptions_begin")
def subscriptions_begin() -> None:
    """New customers have their subscription. Beat calls it every minute."""
    with enter_platform():
        services.subscriptions_begin()


@shared_task(name="billing.tasks.subscriptions_advance")
def subscriptions_advance() -> None:
    """Every subscription is where the day puts it, and mails that were never sent are. Beat calls it."""
    with enter_platform():
        services.subscriptions_advance()
        for invoice_id in services.invoices_unmailed():
            invoice_mail_send.delay(str(invoice_id))
        for notice_id in services.notices_unmailed():
            notice_mail_send.delay(str(notice_id))


@shared_task(name="billing.tasks.subscription_advance")
def subscription_advance(subscription_id: str) -> None:
    """Carry out what somebody wished of one subscription."""
    with enter_platform(), transaction.atomic():
        locked = services.subscription_locked(uuid.UUID(subscription_id))
        services.subscription_advance(subscription=locked, now=timezone.now())


@shared_task(name="billing.tasks.invoice_mail_send", **_PATIENT)
def invoice_mail_send(invoice_id: str) -> None:
    """Mail one invoice, unless it was."""
    with enter_platform():
        subscription_mails.invoice_mail(uuid.UUID(invoice_id))


@shared_task(name="billing.tasks.notice_mail_send", **_PATIENT)
def notice_mail_send(notice_id: str) -> None:
    """Mail one notice, unless it was."""
    with enter_platform():
        subscription_mails.notice_mail(uuid.UUID(notice_id))


@shared_task(name="billing.tasks.card_visit_answer", **_UNTIL_STRIPE_ANSWERS)
def card_visit_answer(visit_id: str) -> None:
    """Find the address of the page at Stripe that an owner waits for."""
    with enter_platform():
        services.card_visit_answer(visit_id=uuid.UUID(visit_id))


@shared_task(name="billing.tasks.card_account_follow", **_UNTIL_STRIPE_ANSWERS)
def card_account_follow(subscription_id: str) -> None:
    """Tell Stripe what was wished here, and take what was wished there."""
    with enter_platform():
        services.card_account_follow(subscription_id=uuid.UUID(subscription_id))


@shared_task(name="billing.tasks.card_event_apply", **_UNTIL_STRIPE_ANSWERS)
def card_event_apply(event_id: str) -> None:
    """Carry out one message of Stripe's."""
    with enter_platform():
        services.card_event_apply(event_id=event_id)


@shared_task(name="billing.tasks.cards_sweep")
def cards_sweep() -> None:
    """What was lost between us and our own broker is asked for again. Beat calls it."""
    with enter_platform():
        for event_id in services.card_events_waiting():
            card_event_apply.delay(event_id)
        for subscription_id in services.card_accounts_behind():
            card_account_follow.delay(str(subscription_id))
        services.card_traces_forget()


@shared_task(name="billing.tasks.card_events_replay", **_UNTIL_STRIPE_ANSWERS)
def card_events_replay() -> None:
    """What Stripe told and never reached us. Beat calls it every hour; a day is looked at."""
    if not settings.STRIPE_SECRET_KEY:
        return
    with enter_platform():
        services.card_events_replay(since=timezone.now() - timedelta(days=1))


def _derive(day: date) -> None:
    try:
        services.costs_derive(day=day)
    except BillingError as error:
        logger.error("The costs of %s are not derived: %s %s", day, error, error.next_action)


def _tell(kind: str, ids: list[uuid.UUID]) -> None:
    for alert_id in ids:
        alert_mail.delay(kind, str(alert_id))
