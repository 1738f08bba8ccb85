"""One tick: authorise, look for new mail, store it, let the engine go over it, remember how far it came.

Owns the order of things. Each part is a transaction of its own: mail that was stored stays stored when the engine fails
afterwards, and waits for this role until a turn over it ended well.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from agents.runtime.assignment import lots_of
from agents.runtime.config import Config
from agents.runtime.engine import installed_version, resolve_command
from agents.runtime.equipment import Equipment
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure, Stopped
from agents.runtime.gmail import Mailbox
from agents.runtime.logging import RuntimeLog
from agents.runtime.look import look_for_new
from agents.runtime.messages import Message
from agents.runtime.meter import Meter
from agents.runtime.report import inbox_read, proof_of_life, usage
from agents.runtime.retry import Patience
from agents.runtime.secret import read_gmail_secret
from agents.runtime.store import Store, open_store
from agents.runtime.tools import Lot
from agents.runtime.turn import Briefing, Turns

# Fetching ends here and what was fetched is stored; the next tick goes on with the rest.
FETCH_SECONDS = 60.0
MAY_BE_TOO_MUCH = frozenset({Exit.ENGINE_LOOPED, Exit.ENGINE_TIMEOUT, Exit.ENGINE_FAILED})
# Enough to find two such messages in a lot; more are somebody's attack, and a person's matter.
MOST_FAILURES = 12
THROWN_AWAY = frozenset(("TRASH", "SPAM"))


@dataclass(frozen=True, slots=True)
class TickResult:
    """Messages looked at, those that this tick added to the schema, and the engine's turns."""

    seen: int
    new: int
    turns: int


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What the first part of a tick found."""

    seen: int
    new: int
    lots: list[Lot] = field(default_factory=list)


class Ticker:
    """Runs one agent's ticks, one after the other, keeping mailbox and unreported usage between them.

    `role_arn` and `task_arn` go into the proof of life. `pause(seconds)` waits and says whether the process was told to
    stop meanwhile. `sign_of_life` is called between turns. To be closed after the last tick.
    """

    def __init__(
        self,
        config: Config,
        equipment: Equipment,
        *,
        role_arn: str,
        task_arn: str | None,
        log: RuntimeLog,
        pause: Callable[[float], bool],
        sign_of_life: Callable[[], None],
    ) -> None:
        self._config = config
        self._role_arn = role_arn
        self._task_arn = task_arn
        self._pause = pause
        self._sign_of_life = sign_of_life
        self._engine = equipment.engine
        self._proxy = equipment.proxy
        self._engine_version = installed_version(equipment.engine) or "unknown"
        self._turns = Turns(config, equipment, version=self._engine_version, log=log, pause=pause)
        self._meter = Meter()
        self._mailbox: Mailbox | None = None
        self._proven = False

    def tick(self) -> TickResult:
        """Afterwards what is new is in the customer's schema, and the engine went over it.

        Butler and Scout work on mail that they have not gone over yet, Writer on leads without a draft; where there is
        none, no engine runs and, but for the process's proof of life, no row is added. Safe to repeat. Raises
        Failure for a known cause and Stopped when told to stop in a pause.
        """
        self._meter.start()
        try:
            resolve_command(self._engine)  # No proof of life without an engine, whether there is work for it or not.
            mailbox = self._open_mailbox()
            mailbox.forget()
            patience = Patience(pause=self._pause)
            mailbox.authorise(patience)
            with open_store(self._config) as store:
                gathered = self._gather(mailbox, store, patience)
            return self._finish(gathered, turns=self._work_off(gathered.lots, mailbox))
        finally:
            self._meter.lap()

    def close(self) -> None:
        """Afterwards the mailbox's connections are closed, and usage that waited is recorded. Safe to repeat."""
        self._turns.close()
        if self._mailbox is not None:
            self._mailbox.close()

    def _open_mailbox(self) -> Mailbox:
        if self._mailbox is None:
            self._mailbox = Mailbox(
                secret=read_gmail_secret(self._config.gmail_secret_name),
                address=self._config.customer_email,
                endpoint=self._config.gmail_api_endpoint,
                meter=self._meter,
                proxy=self._proxy,
            )
        return self._mailbox

    def _gather(self, mailbox: Mailbox, store: Store, patience: Patience) -> _Gathered:
        role = self._config.agent_role
        if role == "writer":
            if not self._proven:
                # Its mail comes thread by thread, through a tool; this only proves that it would.
                mailbox.history_id(patience)
            seen, new = 0, self._store_messages(store, [], seen=0, history_id=None)
        else:
            look = look_for_new(mailbox, store, patience)
            messages, complete = self._fetch(mailbox, look.unknown, patience)
            history_id = look.history_id if complete else None
            seen, new = look.seen, self._store_messages(store, messages, seen=look.seen, history_id=history_id)
        gathered = _Gathered(seen, new, lots_of(role, store))
        if gathered.lots:
            self._turns.begin(
                Briefing(
                    profile=store.profile(),
                    spent_micro_usd=store.usage.month_cost_micro_usd(),
                    taken_at=store.now(),
                )
            )
        return gathered

    def _store_messages(self, store: Store, messages: list[Message], *, seen: int, history_id: str | None) -> int:
        """How many of them were new; the first time with the proof of life."""
        proof = [] if self._proven else [proof_of_life(self._role_arn, self._task_arn, seen, self._engine_version)]
        new = 0
        if messages or proof:
            new = store.record(messages, lambda new: [*proof, *inbox_read(new=new, seen=seen)], history_id=history_id)
        elif history_id is not None:
            store.mailbox_state.remember(history_id)
        self._proven = True
        return new

    def _work_off(self, lots: list[Lot], mailbox: Mailbox) -> int:
        """How many turns it took.

        A lot over which a turn fails by itself is cut in two: it may have been too much, or one message of it may be to
        blame. One by which alone the engine goes in circles is passed over: else a single mail could keep an agent from
        all the others for ever.
        """
        waiting = deque(lots)
        turns = failures = 0
        while waiting:
            if self._pause(0):
                raise Stopped
            lot = waiting.popleft()
            turns += 1
            try:
                self._turns.take(lot, mailbox)
            except Failure as failure:
                failures += 1
                if failure.exit not in MAY_BE_TOO_MUCH or failures > MOST_FAILURES:
                    raise
                if len(lot) > 1:
                    waiting.extendleft(reversed(lot.halves()))
                elif failure.exit is Exit.ENGINE_LOOPED:
                    self._turns.pass_over(lot)
                else:
                    raise
            self._sign_of_life()
        return turns

    def _finish(self, gathered: _Gathered, *, turns: int) -> TickResult:
        """All turns ended well: what the tick used is told."""
        self._meter.lap()
        if gathered.new or gathered.lots or not self._meter.reported:
            with open_store(self._config) as store:
                store.activities.add(usage(self._meter))
            self._meter.clear()
        return TickResult(seen=gathered.seen, new=gathered.new, turns=turns)

    def _fetch(self, mailbox: Mailbox, gmail_ids: list[str], patience: Patience) -> tuple[list[Message], bool]:
        """The messages that still exist, outside the bin; False when the time did not do for all."""
        deadline = time.monotonic() + FETCH_SECONDS
        messages: list[Message] = []
        for gmail_id in gmail_ids:
            if time.monotonic() > deadline:
                return messages, False
            if self._pause(0):
                raise Stopped
            message = mailbox.message(gmail_id, patience)
            if message is not None and not THROWN_AWAY & set(message.label_ids):
                messages.append(message)
        return messages, True
