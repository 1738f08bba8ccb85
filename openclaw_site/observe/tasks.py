"""Celery's way into the figures, on the queue `default`, before everything else that waits there."""

import logging

from celery import shared_task
from django.conf import settings
from django.db import Error as DatabaseError
from redis.exceptions import RedisError

from openclaw_site.aws.errors import AwsError
from openclaw_site.aws.metrics import Metric, publish
from openclaw_site.observe.figures import queue_figures, work_figures
from tenants.isolation.context import enter_platform

logger = logging.getLogger(__name__)


@shared_task(name="openclaw_site.observe.tasks.metrics_publish")
def metrics_publish() -> None:
    """CloudWatch has this minute's figures. Nothing without METRICS_NAMESPACE. Beat calls it once a minute.

    What can't be measured is left out, and what can't be published is not tried again: the alarms notice what is
    missing. Run twice it gives a minute two values, which neither maximum nor average minds.
    """
    if not settings.METRICS_NAMESPACE:
        return
    measured: list[Metric] = []
    for figures in (queue_figures, work_figures):
        try:
            with enter_platform():
                measured += figures()
        except (DatabaseError, RedisError) as error:
            logger.warning("%s were not measured: %s", figures.__name__, type(error).__name__)
    if not measured:
        return
    try:
        publish(namespace=settings.METRICS_NAMESPACE, metrics=measured)
    except AwsError as error:
        logger.warning("Metrics are not published, the next round tries again: %s", error)
