"""What follows from a run's end in its customer's schema: its figures are copied, and Writer is called to new leads.

After the transaction that ended the run, so that trouble with one schema holds up nobody's record; what a crash or
such trouble left undone is done by the reconcile's next round. Platform context.
"""

import logging
from dataclasses import asdict
from datetime import timedelta
from typing import Final

from django.db.utils import DatabaseError, ProgrammingError
from django.utils import timezone

from agents.models import AgentRole, AgentRun, AgentRunState
from agents.selectors.usage import RunFigures, run_figures
from agents.services.work import writer_call

logger = logging.getLogger(__name__)

# So long a run is looked after; a customer whose schema can't be read for a day has other trouble.
FOLLOW_HOURS: Final = 24
MOST_A_ROUND: Final = 100


def run_follow_up(*, run: AgentRun) -> None:
    """The ended run has its figures, and Writer is due if Scout left leads for it. Safe to repeat. Never raises."""
    try:
        run_measure(run=run)
        if run.agent.role == AgentRole.SCOUT and run.state == AgentRunState.SUCCEEDED:
            writer_call(customer_id=run.tenant_id)
    except DatabaseError as error:
        logger.warning("What run %s left in its customer's schema can't be read: %s", run.pk, type(error).__name__)


def run_measure(*, run: AgentRun) -> AgentRun:
    """The run with what it used so far, written down. Safe to repeat. Raises DatabaseError.

    Figures taken after a run's end are its last. A customer without a schema has none, and that is written down.
    """
    if run.state in AgentRun.ENDED and run.measured_at is not None:
        return run
    try:
        figures: RunFigures | None = run_figures(run=run)
    except ProgrammingError:
        logger.info("Run %s has no figures: its customer has no schema.", run.pk)
        figures = None
    values = asdict(figures) if figures else {}
    values["measured_at"] = timezone.now()
    AgentRun.objects.filter(pk=run.pk).update(**values)
    for name, value in values.items():
        setattr(run, name, value)
    return run


def runs_follow_up() -> int:
    """What other rounds left undone is done; how many runs there were. Safe to repeat."""
    since = timezone.now() - timedelta(hours=FOLLOW_HOURS)
    unmeasured = AgentRun.objects.filter(measured_at=None, stopped_at__gte=since).select_related("agent", "tenant")
    runs = list(unmeasured.order_by("stopped_at")[:MOST_A_ROUND])
    for run in runs:
        run_follow_up(run=run)
    return len(runs)
