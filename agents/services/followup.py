"""What follows from a run in its customer's schema: Writer is called to new leads, and the run's figures are copied.

After the transaction that ended the run, so that trouble with one schema holds up nobody's record; what a crash or
such trouble left undone is done by the reconcile's next round. The figures come last: with them a run counts as
followed up. Runs that go on, as those of always-on agents do, are measured every few minutes. Platform context.
"""

import logging
import uuid
from dataclasses import asdict
from datetime import timedelta
from typing import Final

from django.db.models.functions import Coalesce
from django.db.utils import DatabaseError
from django.utils import timezone

from agents.errors import is_schema_missing
from agents.models import AgentRole, AgentRun, AgentRunState
from agents.selectors.usage import RunFigures, run_figures
from agents.services.work import writer_call

logger = logging.getLogger(__name__)

# So long a run is looked after; a customer whose schema can't be read for a day has other trouble.
FOLLOW_HOURS: Final = 24
MOST_A_ROUND: Final = 100
# Figures of an open run get so old, and of so many runs they are taken anew in one round.
OPEN_MINUTES: Final = 5
MOST_OPEN_A_ROUND: Final = 50


def run_follow_up(*, run: AgentRun) -> None:
    """Writer is due if Scout left leads for it, and the ended run has its figures. Safe to repeat.

    A DatabaseError is logged, and what it left undone is done by a later round.
    """
    try:
        if run.agent.role == AgentRole.SCOUT and run.state == AgentRunState.SUCCEEDED:
            _call_writer(run)
        run_measure(run=run)
    except DatabaseError as error:
        logger.warning("What run %s left in its customer's schema can't be read: %s", run.pk, type(error).__name__)


def run_measure(*, run: AgentRun) -> AgentRun:
    """The run with what it used so far, written down. Safe to repeat. Raises DatabaseError.

    Figures taken after a run's end are its last: those of a run that ended while they were taken are not written down.
    A customer without a schema has none, and that is.
    """
    if run.state in AgentRun.ENDED and run.measured_at is not None:
        return run
    try:
        figures: RunFigures | None = run_figures(run=run)
    except DatabaseError as error:
        if not is_schema_missing(error):
            raise
        logger.info("Run %s has no figures: its customer has no schema.", run.pk)
        figures = None
    values = asdict(figures) if figures else {}
    values["measured_at"] = timezone.now()
    rows = AgentRun.objects.filter(pk=run.pk)
    if run.state not in AgentRun.ENDED:
        rows = rows.exclude(state__in=AgentRun.ENDED)
    rows.update(**values)
    for name, value in values.items():
        setattr(run, name, value)
    return run


def runs_follow_up(*, customer_id: uuid.UUID | None = None) -> int:
    """What other rounds left undone, of all customers or of one, is done; how many runs there were. Safe to repeat."""
    since = timezone.now() - timedelta(hours=FOLLOW_HOURS)
    unmeasured = AgentRun.objects.filter(measured_at=None, stopped_at__gte=since).select_related("agent", "tenant")
    if customer_id is not None:
        unmeasured = unmeasured.filter(tenant=customer_id)
    runs = list(unmeasured.order_by("stopped_at")[:MOST_A_ROUND])
    for run in runs:
        run_follow_up(run=run)
    return len(runs)


def runs_measure_open() -> int:
    """Runs that go on have figures of the last few minutes, those with the oldest first; how many were measured.

    Safe to repeat. A customer's trouble is logged and holds up nobody.
    """
    line = timezone.now() - timedelta(minutes=OPEN_MINUTES)
    age = Coalesce("measured_at", "started_at")
    aged = AgentRun.objects.filter(state=AgentRunState.RUNNING).annotate(figures_of=age).filter(figures_of__lt=line)
    runs = list(aged.select_related("agent", "tenant").order_by("figures_of", "id")[:MOST_OPEN_A_ROUND])
    for run in runs:
        try:
            run_measure(run=run)
        except DatabaseError as error:
            logger.warning("What run %s uses can't be read: %s", run.pk, type(error).__name__)
    return len(runs)


def _call_writer(run: AgentRun) -> None:
    try:
        writer_call(customer_id=run.tenant_id)
    except DatabaseError as error:
        if not is_schema_missing(error):
            raise
