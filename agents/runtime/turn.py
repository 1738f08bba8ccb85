"""One turn of the engine over one lot, with the tools and the bridge to the model around it.

Owns what stands of a turn afterwards: what the model used is recorded however the turn ends, since it is paid for, and
so is what the engine refused. (A process that is killed in the middle of a turn takes that turn's usage with it.) What
a lot holds counts as gone over when the turn over it ended well and no tool was kept from its work. Which cause a
failure has is better known to the bridge than to the engine.
"""

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from agents.runtime.bridge import Budget, LoopBreaker, ModelBridge
from agents.runtime.config import Config
from agents.runtime.engine import Envelope, Limits, Profile, run_engine
from agents.runtime.equipment import Equipment
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure, Stopped
from agents.runtime.gmail import Mailbox
from agents.runtime.logging import RuntimeLog
from agents.runtime.refusals import refusals_of_the_engine
from agents.runtime.store import Activity, ModelUsage, Store, open_store
from agents.runtime.tools import Lot, Outcome, ToolServer

# Calls that a turn may take beside those for its messages or leads: a list, a read and a write each at least.
CALLS_A_TURN: Final = 30
CALLS_AN_ITEM: Final = 4

# Of the model: it does not take the request, as when a lot is too much for its context; and its silence.
_NOT_VALID: Final = (400, 413)
_TOOK_TOO_LONG: Final = 504

_ORDERS: Final = {
    "butler": "Start your pass over the inbox. New messages in this run: {count}.",
    "scout": "Start your pass over the new messages. Messages in this run: {count}.",
    "writer": "Start your pass over the leads. Leads in this run: {count}.",
}


@dataclass(frozen=True, slots=True)
class Briefing:
    """What a tick's turns are told of the customer; `taken_at` is the database's time when their lots were cut."""

    profile: Profile = field(repr=False)
    spent_micro_usd: int
    taken_at: datetime


class Turns:
    """Takes one agent's turns, one after the other. `pause(seconds)` waits and says whether we were told to stop."""

    def __init__(
        self,
        config: Config,
        equipment: Equipment,
        *,
        version: str,
        log: RuntimeLog,
        pause: Callable[[float], bool],
    ) -> None:
        self._config = config
        self._equipment = equipment
        self._log = log
        self._pause = pause
        self._version = version
        self._limits = Limits()
        self._spent_micro_usd = 0
        self._unrecorded: list[ModelUsage] = []

    def begin(self, briefing: Briefing) -> None:
        """To be called once a tick, before its turns."""
        self._briefing = briefing
        self._spent_micro_usd = briefing.spent_micro_usd + sum(usage.cost_micro_usd for usage in self._unrecorded)

    def close(self) -> None:
        """Afterwards what could not be recorded in its time is, if the database answers now. Never raises."""
        if not self._unrecorded:
            return
        try:
            with open_store(self._config) as store, store.transaction():
                self._record_usage(store)
        except Failure as failure:
            lost = sum(usage.cost_micro_usd for usage in self._unrecorded)
            self._log.error("usage_lost", cause=failure.exit.name, detail=failure.detail, cost_micro_usd=lost)

    def take(self, lot: Lot, mailbox: Mailbox) -> None:
        """Afterwards the engine went over the lot, and its usage is recorded.

        Raises Failure (BUDGET_SPENT before anything was started, when nothing is left of the month's) and Stopped;
        what the tools wrote by then stands.
        """
        if self._spent_micro_usd >= self._equipment.model.budget_micro_usd:
            raise Failure(Exit.BUDGET_SPENT, "nothing is left of the month's budget")
        bridge, tools = self._bridge(lot), self._tools(lot, mailbox)
        outcome, envelope = "internal", None
        try:
            with bridge, tools:
                envelope = self._run(lot, bridge, tools)
            _require_whole(tools)
            outcome = "ok"
        except Stopped:
            outcome = "stopped"
            raise
        except Failure as failure:
            cause = _cause(failure, bridge)
            outcome = cause.exit.name.lower()
            if cause is failure:
                raise
            raise cause from failure
        finally:
            self._record(lot, outcome, envelope, bridge, tools)

    def pass_over(self, lot: Lot) -> None:
        """Afterwards the customer reads that this was left out, and no lead in it waits for a draft. Raises Failure."""
        self._log.warning("passed_over", items=len(lot))
        told = Activity(
            kind="passed_over",
            summary="Left out what made the agent go in circles.",
            data={"gmail_ids": sorted(lot.messages), "leads": [str(lead) for lead in sorted(lot.leads)]},
        )
        with open_store(self._config) as store, store.transaction():
            store.activities.add(told)
            self._tick_off(store, lot)

    def _run(self, lot: Lot, bridge: ModelBridge, tools: ToolServer) -> Envelope:
        role = self._config.agent_role
        self._log.info("engine_started", version=self._version, items=len(lot))
        return run_engine(
            settings=self._equipment.engine,
            role=role,
            model=self._equipment.model.model,
            bridge_url=bridge.url,
            bridge_token=bridge.token,
            mcp_url=tools.url,
            mcp_token=tools.token,
            profile=self._briefing.profile,
            prompt=_ORDERS[role].format(count=len(lot)),
            limits=self._limits,
            pause=lambda seconds: _until_turned_down(bridge) or self._pause(seconds),
        )

    def _bridge(self, lot: Lot) -> ModelBridge:
        model = self._equipment.model
        return ModelBridge(
            upstream=model.upstream(),
            model=model.model,
            budget=Budget(model.budget_micro_usd, self._spent_micro_usd),
            token=secrets.token_urlsafe(32),
            log=self._log,
            breaker=LoopBreaker(most_calls=CALLS_A_TURN + CALLS_AN_ITEM * len(lot)),
        )

    def _tools(self, lot: Lot, mailbox: Mailbox) -> ToolServer:
        return ToolServer(
            role=self._config.agent_role,
            store_factory=lambda: open_store(self._config),
            mailbox=mailbox,
            token=secrets.token_urlsafe(32),
            log=self._log,
            lot=lot,
        )

    def _record(
        self, lot: Lot, outcome: str, envelope: Envelope | None, bridge: ModelBridge, tools: ToolServer
    ) -> None:
        """One transaction. A database that fails here costs the record, not the turn's own cause; usage is kept."""
        done: dict[str, Any] = {"version": self._version, "outcome": outcome, "items": len(lot)}
        if envelope is not None:
            summary = envelope.tool_summary
            done |= {"seconds": envelope.seconds, "peak_rss_mib": envelope.peak_rss_mib}
            done |= {"tool_calls": summary.calls, "tool_failures": summary.failures}
        self._log.info("engine_ended", **done)
        self._spent_micro_usd += bridge.cost_micro_usd
        if bridge.usage.calls:
            self._unrecorded.append(self._usage(bridge))
        try:
            with open_store(self._config) as store, store.transaction():
                self._record_usage(store)
                store.activities.add(Activity(kind="engine_ran", summary=f"The engine ran: {outcome}.", data=done))
                for activity in refusals_of_the_engine(self._config.agent_role, bridge.failed_tools, tools.calls):
                    store.activities.add(activity)
                if outcome == "ok":
                    self._tick_off(store, lot)
                # The other roles spend at the same time.
                self._spent_micro_usd = store.usage.month_cost_micro_usd()
            self._unrecorded.clear()
        except Failure as failure:
            if outcome == "ok":
                raise
            self._log.warning("turn_not_recorded", cause=failure.exit.name, detail=failure.detail)

    def _record_usage(self, store: Store) -> None:
        for usage in self._unrecorded:
            store.usage.record(usage)

    def _tick_off(self, store: Store, lot: Lot) -> None:
        """What the lot holds waits no longer for this role."""
        if lot.messages:
            store.mail.gone_over(lot.messages)
        if lot.leads:
            store.leads.considered(lot.leads, at=self._briefing.taken_at)

    def _usage(self, bridge: ModelBridge) -> ModelUsage:
        usage = bridge.usage
        return ModelUsage(
            model=self._equipment.model.model,
            calls=usage.calls,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_write_tokens=usage.cache_write_tokens,
            cost_micro_usd=bridge.cost_micro_usd,
        )


def _require_whole(tools: ToolServer) -> None:
    """Raises Failure when a tool could not do its part: the model went on without what it had asked for."""
    kept_from = Counter(outcome for _, outcome in tools.calls.elements())
    if kept_from[Outcome.DATABASE_FAILED.value]:
        raise Failure(Exit.DATABASE_UNREACHABLE, "a tool could not reach the database", retryable=True)
    if kept_from[Outcome.GMAIL_FAILED.value] or kept_from[Outcome.STOPPED.value]:
        raise Failure(Exit.GMAIL_UNREACHABLE, "a tool did not get what it asked of Gmail", retryable=True)


def _until_turned_down(bridge: ModelBridge) -> bool:
    """Raises Failure once the bridge lets the engine ask no more: left alone it would try again for some seconds."""
    if bridge.refusals["budget"]:
        raise Failure(Exit.BUDGET_SPENT, "the month's budget ran out in the middle of the work")
    if bridge.refusals["loop"]:
        raise Failure(Exit.ENGINE_LOOPED, bridge.last_refusal, retryable=True)
    return False


def _cause(failure: Failure, bridge: ModelBridge) -> Failure:
    """Why the turn failed, where the bridge turned the engine down; else as the engine's run said."""
    try:
        _until_turned_down(bridge)
    except Failure as known:
        return known
    refused = bridge.upstream_failure
    if refused is None or failure.exit not in (Exit.ENGINE_FAILED, Exit.MODEL_UNREACHABLE):
        return failure
    if refused.status in _NOT_VALID:
        return Failure(Exit.ENGINE_FAILED, f"the model refused the request ({refused.detail})", retryable=True)
    return Failure(
        Exit.MODEL_UNREACHABLE, refused.detail, retryable=refused.may_retry or refused.status == _TOOK_TOO_LONG
    )
