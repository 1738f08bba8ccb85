"""One round of the dispatcher: stop what a pause forbids, start what is due. Platform context.

Owns the pace. RunTask allows 20 calls a second and bursts of 100 for the account (Amazon ECS endpoints and quotas); one
round keeps to half of either, which leaves room for staff, onboarding and the reconcile, and for a second worker that
takes up the next round early. A round ends before the next begins, or when as many runs are open as the fleet has room
for (AGENT_MAX_RUNNING); what is left is then due still.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from django.conf import settings
from django.utils import timezone

from agents.errors import AgentError
from agents.models import Agent, DesiredState
from agents.selectors import agents_due, breakers_outdated, runs_against_pause, runs_open
from agents.services.bucket import TokenBucket
from agents.services.outcome import breaker_reset
from agents.services.start import ALWAYS_ON, SCHEDULE, agent_start
from agents.services.stop import run_stop
from agents.services.work import agent_skip, agents_without_work
from openclaw_site.aws.errors import AwsError

logger = logging.getLogger(__name__)

RATE_PER_SECOND: Final = 10.0
BURST: Final = 50
ROUND_SECONDS: Final = 12.0
MAX_A_ROUND: Final = 200
LOT: Final = 48


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What a round did: runs asked to stop, runs started, starts refused, agents left alone for want of work."""

    stopped: int
    started: int
    refused: int
    skipped: int


def agents_dispatch(*, round_seconds: float = ROUND_SECONDS) -> Dispatched:
    """Runs that a pause forbids are asked to stop, and due agents are started, as far as the round's time goes.

    Safe to repeat, and at the same time: an agent has one open run at most. Errors of one agent don't hold up others.
    """
    deadline = time.monotonic() + round_seconds
    bucket = TokenBucket(rate_per_second=RATE_PER_SECOND, burst=BURST)
    for agent in breakers_outdated():
        breaker_reset(agent=agent)
        logger.info("Agent %s may run again: its customer has connected Gmail anew.", agent.pk)
    stopped = _stop_paused(bucket, deadline)
    return replace(_start_due(bucket, deadline), stopped=stopped)


def _stop_paused(bucket: TokenBucket, deadline: float) -> int:
    stopped = 0
    for run in runs_against_pause()[:MAX_A_ROUND]:
        if not _pause(bucket, deadline):
            break
        try:
            run_stop(run=run, reason="paused")
            stopped += 1
        except AwsError as error:
            logger.warning("Run %s of a paused customer can't be stopped: %s", run.pk, error)
    return stopped


def _start_due(bucket: TokenBucket, deadline: float) -> Dispatched:
    started = refused = skipped = 0
    room = settings.AGENT_MAX_RUNNING - runs_open().count()
    for agent, has_work in _looked_at(deadline):
        if not has_work:
            agent_skip(agent=agent)
            skipped += 1
            continue
        if started >= room or not _pause(bucket, deadline):
            break
        trigger = ALWAYS_ON if agent.desired_state == DesiredState.ALWAYS_ON else SCHEDULE
        try:
            agent_start(agent=agent, trigger=trigger)
            started += 1
        except AgentError as error:
            refused += 1
            logger.info("Agent %s was not started: %s", agent.pk, error)
    return Dispatched(stopped=0, started=started, refused=refused, skipped=skipped)


def _looked_at(deadline: float) -> Iterator[tuple[Agent, bool]]:
    """Due agents and whether each has work, looked at in small lots: a round that ends has not looked in vain."""
    for lot in _lots(agents_due(now=timezone.now())[:MAX_A_ROUND]):
        if time.monotonic() >= deadline:
            return
        without = agents_without_work(lot)
        yield from ((agent, agent.pk not in without) for agent in lot)


def _lots(agents: Iterable[Agent]) -> Iterator[list[Agent]]:
    rest = iter(agents)
    while lot := list(islice(rest, LOT)):
        yield lot


def _pause(bucket: TokenBucket, deadline: float) -> bool:
    """Wait for the bucket; False when the round is over by then."""
    seconds = bucket.wait_seconds()
    if time.monotonic() + seconds >= deadline:
        return False
    time.sleep(seconds)
    return True
