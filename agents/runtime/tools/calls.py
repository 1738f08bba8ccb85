"""One call of a tool, from the model's words to rows: allowed, validated, carried out, told of.

Owns the order of these and what is written of a call. Activities and log lines hold the tool's name, the outcome and
figures; what the model said, or a mail, goes into neither.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from agents.runtime.exits import Exit
from agents.runtime.failures import Failure, Stopped
from agents.runtime.logging import RuntimeLog, place_of
from agents.runtime.retry import Patience
from agents.runtime.store import Activity, Store
from agents.runtime.tools.arguments import problems
from agents.runtime.tools.lot import Lot
from agents.runtime.tools.mail_source import MailSource
from agents.runtime.tools.outcome import Outcome
from agents.runtime.tools.registry import NAMES, TOOLS_OF_ROLE
from agents.runtime.tools.results import LONGEST_RESULT_CHARS, as_json
from agents.runtime.tools.tool import Answer, Desk, Refusal, Tool

# Beside those for its items, of which each takes a read and a write, and a mistake or two.
CALLS_A_TURN = 50
CALLS_AN_ITEM = 10

# In place of a name that no role has: it is the model's, and may be text of a mail.
UNKNOWN = "unknown"

GMAIL_ADVICE = "Gmail did not give it. Go on with the others; do not call this again."
DATABASE_ADVICE = "The database cannot be reached. Stop here and say so."
STOPPED_ADVICE = "The run is being stopped. Stop here."
TOO_MANY_ADVICE = "This run has made more calls than its work can need. Stop here: no further call is carried out."
INTERNAL_ADVICE = "This tool failed. Go on with the others; do not call this again."


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model gets."""

    text: str = field(repr=False)
    is_error: bool = False


class Calls:
    """Carries out the calls of one role, one after the other.

    Each call that needs the database opens a connection of its own, by `store_factory`: a login token lasts for
    minutes only and a broken connection costs one call. Calls wait for each other, so an agent never holds more
    than one such connection (its role may have few), and mailbox and patience are used by one thread at a time.
    """

    def __init__(
        self,
        *,
        role: str,
        store_factory: Callable[[], AbstractContextManager[Store]],
        mailbox: MailSource,
        patience: Patience,
        lot: Lot,
        mark: str,
        log: RuntimeLog,
        counter: Counter[tuple[str, str]],
    ) -> None:
        self.tools: Mapping[str, Tool] = TOOLS_OF_ROLE[role]
        self._store_factory = store_factory
        self._mailbox = mailbox
        self._patience = patience
        self._lot = lot
        self._mark = mark
        self._log = log
        self._counter = counter
        self._most = CALLS_A_TURN + CALLS_AN_ITEM * len(lot)
        self._turn = threading.Lock()

    def call(self, name: str, arguments: Mapping[str, Any]) -> Reply:
        """Never raises. Afterwards the call is counted, logged and, if the database answers, an activity.

        Of calls that are too many only the first is logged and an activity.
        """
        with self._turn:
            started = time.monotonic()
            known = name if name in NAMES else UNKNOWN
            if self._counter.total() > self._most:
                self._counter[known, Outcome.TOO_MANY.value] += 1
                return Reply(TOO_MANY_ADVICE, is_error=True)
            reply, outcome = self._call(known, arguments)
            self._counter[known, outcome.value] += 1
            seconds = round(time.monotonic() - started, 3)
            write = self._log.warning if reply.is_error else self._log.info
            write("tool_called", tool=known, outcome=outcome.value, seconds=seconds)
            return reply

    def _call(self, name: str, arguments: Mapping[str, Any]) -> tuple[Reply, Outcome]:
        tool = self.tools.get(name)
        try:
            if self._counter.total() >= self._most:
                raise Refusal(Outcome.TOO_MANY, TOO_MANY_ADVICE)
            if tool is None:
                advice = f"There is no such tool here. There are: {', '.join(self.tools)}."
                raise Refusal(Outcome.REFUSED, advice)
            return self._carry_out(tool, arguments)
        except Refusal as refusal:
            outcome, advice = refusal.outcome, refusal.advice
        except Failure as failure:
            outcome, advice = _of_failure(failure)
        except Stopped:
            outcome, advice = Outcome.STOPPED, STOPPED_ADVICE
        except Exception as error:
            self._log.error("tool_failed", tool=name, error=type(error).__name__, at=place_of(error))
            outcome, advice = Outcome.INTERNAL_ERROR, INTERNAL_ADVICE
        if outcome is not Outcome.DATABASE_FAILED:
            self._tell(_activity(name, outcome, {}))
        return Reply(advice, is_error=True), outcome

    def _carry_out(self, tool: Tool, arguments: Mapping[str, Any]) -> tuple[Reply, Outcome]:
        try:
            validated = tool.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            raise Refusal(Outcome.BAD_ARGUMENTS, problems(error)) from None
        with self._store_factory() as store:
            desk = Desk(store, self._mailbox, self._patience, self._lot, self._mark)
            if tool.writes:
                with store.transaction():
                    answer = tool.run(desk, validated)
                    store.activities.add(_activity(tool.name, answer.outcome, answer.counts))
            else:
                answer = tool.run(desk, validated)
                store.activities.add(_activity(tool.name, answer.outcome, answer.counts))
        return Reply(_text(answer)), answer.outcome

    def _tell(self, activity: Activity) -> None:
        try:
            with self._store_factory() as store:
                store.activities.add(activity)
        except Exception as error:
            self._log.warning("activity_lost", kind=activity.kind, error=type(error).__name__, at=place_of(error))


def _text(answer: Answer) -> str:
    text = as_json(answer.content)
    if len(text) > LONGEST_RESULT_CHARS:
        raise ValueError("a tool's answer is longer than it may be")
    return text


def _of_failure(failure: Failure) -> tuple[Outcome, str]:
    if failure.exit is Exit.DATABASE_UNREACHABLE:
        return Outcome.DATABASE_FAILED, DATABASE_ADVICE
    return Outcome.GMAIL_FAILED, GMAIL_ADVICE


def _activity(tool: str, outcome: Outcome, counts: Mapping[str, int]) -> Activity:
    if outcome is Outcome.REFUSED:
        return Activity(kind="tool_refused", summary=f"Refused {_named(tool)}.", data={"tool": tool})
    return Activity(
        kind="tool_called",
        summary=f"Called {_named(tool)}: {outcome.value.replace('_', ' ')}.",
        data={"tool": tool, "outcome": outcome.value, **counts},
    )


def _named(tool: str) -> str:
    return "a tool that does not exist" if tool == UNKNOWN else tool
