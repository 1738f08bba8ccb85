"""One round of the dispatcher: stop what a pause forbids, start what is due. Platform context.

Owns the pace. RunTask allows 20 calls a second and bursts of 100 for the account (Amazon ECS endpoints and quotas); one
round keeps to half of either, which leaves room for staff, onboarding and the reconcile, and for a second worker that
takes up the next round early. A round ends before the next begins, or when as many runs are open as the fleet has room
for (AGENT_MAX_RUNNING); what is left is then due still.

Owns the order of a start, too: due agents are looked at in lots (`work`), claimed in smaller ones (`claim`), and their
tasks asked for in `launches`. No more are claimed than the pace lets through in what is left of the round, so that
none waits, claimed, for the next.

Always-on agents and Writers come first, as nobody has to be asked for them. For the others Google is asked, by one
round at a time, and each lot waits for its answers a few seconds only: whose mailbox has not answered by then is
started as if it had news. So a Google that is slow costs starts for nothing, and never holds up the fleet.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from agents.models import Agent
from agents.plans import PlanTerms, plan_terms
from agents.selectors import BY_MAIL, agents_due, breakers_outdated, runs_against_pause
from agents.services.bucket import TokenBucket
from agents.services.budget import agents_hold, agents_release
from agents.services.claim import runs_claim
from agents.services.fleet import google_turn
from agents.services.follow import agents_follow_plans
from agents.services.launches import Launches
from agents.services.outcome import breaker_reset
from agents.services.stop import run_stop
from agents.services.work import LOOK_SECONDS, agents_look, agents_skip
from openclaw_site.aws.errors import AwsError

logger = logging.getLogger(__name__)

RATE_PER_SECOND: Final = 10.0
BURST: Final = 50
ROUND_SECONDS: Final = 12.0
MAX_A_ROUND: Final = 200
# Agents looked at together, and runs claimed together: a second and a half of the pace.
LOT: Final = 48
CLAIM: Final = 16
# No lot is looked at in the last seconds of a round: they belong to those that were.
CLAIM_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What a round did: runs asked to stop, runs started, starts refused, agents left alone for want of work, and
    agents that wait for the next month, as their customer's budget is spent.
    """

    stopped: int = 0
    started: int = 0
    refused: int = 0
    skipped: int = 0
    held: int = 0


def agents_dispatch(*, round_seconds: float = ROUND_SECONDS) -> Dispatched:
    """Runs that a pause forbids are asked to stop, and due agents are started, as far as the round's time goes.

    Before that, agents are brought to what their plans say of them now.

    Safe to repeat, and at the same time: an agent has one open run at most. Errors of one agent don't hold up others.
    """
    deadline = time.monotonic() + round_seconds
    bucket = TokenBucket(rate_per_second=RATE_PER_SECOND, burst=BURST)
    terms = plan_terms()
    for agent in breakers_outdated():
        breaker_reset(agent=agent)
        logger.info("Agent %s may run again: its customer has connected Gmail anew.", agent.pk)
    agents_follow_plans(terms=terms)
    agents_release(terms=terms)
    stopped = _stop_paused(bucket, deadline)
    return replace(_start_due(bucket, deadline, terms), stopped=stopped)


def _stop_paused(bucket: TokenBucket, deadline: float) -> int:
    stopped = 0
    for run in runs_against_pause()[:MAX_A_ROUND]:
        seconds = bucket.wait_seconds()
        if time.monotonic() + seconds >= deadline:
            break
        time.sleep(seconds)
        try:
            run_stop(run=run, reason="paused")
            stopped += 1
        except AwsError as error:
            logger.warning("Run %s of a paused customer can't be stopped: %s", run.pk, error)
    return stopped


def _start_due(bucket: TokenBucket, deadline: float, terms: Mapping[str, PlanTerms]) -> Dispatched:
    due = agents_due(now=timezone.now())
    with Launches(bucket) as launches:
        round_ = _Round(bucket, deadline, terms, launches)
        goes_on = round_.start(due.exclude(BY_MAIL))
        if goes_on:
            with google_turn(seconds=deadline - time.monotonic()) as ours:
                if ours:
                    round_.start(due.filter(BY_MAIL))
    return Dispatched(started=launches.started, refused=launches.refused, skipped=round_.skipped, held=round_.held)


class _Round:
    """The starts of one round: its pace, its end, and how many agents were left alone."""

    def __init__(
        self, bucket: TokenBucket, deadline: float, terms: Mapping[str, PlanTerms], launches: Launches
    ) -> None:
        self.skipped = 0
        self.held = 0
        self._bucket = bucket
        self._deadline = deadline
        self._terms = terms
        self._launches = launches

    def start(self, due: QuerySet[Agent]) -> bool:
        """Start those that have something to do; False when the round is over."""
        for lot in _lots(due[:MAX_A_ROUND], LOT):
            seconds = min(LOOK_SECONDS, self._deadline - CLAIM_SECONDS - time.monotonic())
            if seconds <= 0:
                return False
            looked = agents_look(lot, terms=self._terms, seconds=seconds)
            self.skipped += agents_skip(agents=[agent for agent in lot if agent.pk in looked.idle])
            self.held += agents_hold(agents=[agent for agent in lot if agent.pk in looked.broke], terms=self._terms)
            if not self._claim([agent for agent in lot if agent.pk not in looked.idle | looked.broke]):
                return False
        return True

    def _claim(self, agents: list[Agent]) -> bool:
        """Claim and launch; False when the round is over: no time or no room is left, or ECS asks for a pause."""
        for lot in _lots(agents, CLAIM):
            within = self._bucket.within(self._deadline - time.monotonic())
            claimed = runs_claim(agents=lot[:within], terms=self._terms)
            for run in claimed.runs:
                self._launches.add(run)
            if within < len(lot) or claimed.is_full or self._launches.is_throttled:
                return False
        return True


def _lots(agents: Iterable[Agent], size: int) -> Iterator[list[Agent]]:
    rest = iter(agents)
    while lot := list(islice(rest, size)):
        yield lot
