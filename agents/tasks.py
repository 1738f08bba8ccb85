"""Celery's way into the agents' services, on the queue `default`. Each task is safe to run twice."""

import logging
import time
import uuid

from celery import shared_task
from django.conf import settings

from agents import selectors, services
from openclaw_site.aws import queues
from openclaw_site.aws.ecs import parse_task_event
from openclaw_site.aws.errors import AwsError, InvalidRequest
from tenants.isolation.context import enter_platform
from tenants.models import Customer

logger = logging.getLogger(__name__)

# A call waits a second for the first event and goes on while there are more, so that one thread of the worker is not
# held for long; beat calls every three seconds.
WAIT_SECONDS = 1
DRAIN_SECONDS = 10.0


@shared_task(name="agents.tasks.task_events_receive")
def task_events_receive() -> None:
    """Record what ECS reports of tasks. An event is deleted after it was recorded; other people's tasks are ignored.

    What is no task event is left to the queue's redrive policy, which moves it to the dead-letter queue.
    """
    deadline = time.monotonic() + DRAIN_SECONDS
    with enter_platform():
        try:
            while time.monotonic() < deadline:
                messages = queues.receive(queue_url=settings.TASK_EVENTS_QUEUE_URL, wait_seconds=WAIT_SECONDS)
                for message in messages:
                    _receive(message)
                if not messages:
                    return
        except AwsError as error:
            logger.warning("Task events are not received, the next round tries again: %s", error)


def _receive(message: queues.Message) -> None:
    try:
        info = parse_task_event(message.body)
    except InvalidRequest as error:
        logger.error("Message %s of the task events' queue: %s. %s", message.id, error, error.next_action)
        return
    services.run_record(info=info)
    queues.delete(queue_url=settings.TASK_EVENTS_QUEUE_URL, receipt=message.receipt)


@shared_task(name="agents.tasks.agent_runs_reconcile")
def agent_runs_reconcile() -> None:
    """Make every open run say what ECS says."""
    with enter_platform():
        try:
            services.agent_runs_reconcile()
        except AwsError as error:
            logger.warning("Runs are not reconciled, the next round tries again: %s", error)


@shared_task(name="agents.tasks.agents_dispatch")
def agents_dispatch() -> None:
    """Stop what a pause forbids, start what is due."""
    with enter_platform():
        services.agents_dispatch()


@shared_task(name="agents.tasks.mail_erase")
def mail_erase() -> None:
    """Have every customer looked through for what its plan keeps no longer. Beat calls it once a day."""
    with enter_platform():
        for customer_id in selectors.customers_with_mail():
            customer_mail_erase.delay(str(customer_id))


@shared_task(name="agents.tasks.customer_mail_erase")
def customer_mail_erase(customer_id: str) -> None:
    """Erase what one customer's plan keeps no longer."""
    with enter_platform():
        customer = Customer.objects.filter(pk=uuid.UUID(customer_id)).first()
        if customer is None:
            return
        try:
            services.customer_mail_erase(customer=customer)
        except Exception as error:
            # One customer's trouble must not hold up the others. Its class says enough, and quotes no mail.
            logger.warning("The mail of customer %s was not erased by age: %s", customer_id, type(error).__name__)
