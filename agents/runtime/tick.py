"""One tick: authorise, look for new mail, fetch it, store it with a report.

Owns the order of things. All three roles read new mail and record it; whichever comes first stores a message,
the others find it known.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from agents.runtime.config import Config
from agents.runtime.gmail import Mailbox
from agents.runtime.look import look_for_new
from agents.runtime.messages import Message
from agents.runtime.meter import Meter
from agents.runtime.report import activities_for
from agents.runtime.retry import Patience
from agents.runtime.secret import read_gmail_secret
from agents.runtime.store import Store, open_store

# Fetching ends here and what was fetched is stored; the next tick goes on with the rest.
FETCH_SECONDS = 60.0
THROWN_AWAY = frozenset(("TRASH", "SPAM"))


@dataclass(frozen=True, slots=True)
class TickResult:
    """Messages looked at in the inbox, and those that this tick added to the schema."""

    seen: int
    new: int


class Ticker:
    """Runs one agent's ticks, one after the other, keeping mailbox and unreported usage between them.

    `role_arn` and `task_arn` go into the proof of life. `pause(seconds)` waits and says whether the process
    was told to stop meanwhile. To be closed after the last tick.
    """

    def __init__(self, config: Config, *, role_arn: str, task_arn: str | None, pause: Callable[[float], bool]) -> None:
        self._config = config
        self._role_arn = role_arn
        self._task_arn = task_arn
        self._pause = pause
        self._meter = Meter()
        self._mailbox: Mailbox | None = None
        self._proven = False

    def tick(self) -> TickResult:
        """Afterwards the inbox's new messages are in the customer's schema, with this tick's activities.

        How far it read is remembered in the same transaction, once all of them are stored. Safe to repeat. Adds no
        row when nothing is new, except on the process's first success, which is its proof of life. Raises Failure
        for a known cause and Stopped when told to stop in a pause; then nothing was written.
        """
        self._meter.start()
        try:
            mailbox = self._open_mailbox()
            mailbox.forget()
            patience = Patience(pause=self._pause)
            mailbox.authorise(patience)
            with open_store(self._config) as store:
                return self._read_and_store(mailbox, store, patience)
        finally:
            self._meter.lap()

    def close(self) -> None:
        """Afterwards the mailbox's connections are closed. Safe to repeat."""
        if self._mailbox is not None:
            self._mailbox.close()

    def _open_mailbox(self) -> Mailbox:
        if self._mailbox is None:
            self._mailbox = Mailbox(
                secret=read_gmail_secret(self._config.gmail_secret_name),
                address=self._config.customer_email,
                endpoint=self._config.gmail_api_endpoint,
                meter=self._meter,
            )
        return self._mailbox

    def _read_and_store(self, mailbox: Mailbox, store: Store, patience: Patience) -> TickResult:
        look = look_for_new(mailbox, store, patience)
        messages, complete = self._fetch(mailbox, look.unknown, patience)
        history_id = look.history_id if complete else None
        if not messages and self._proven:
            if history_id is not None:
                store.mailbox_state.remember(history_id)
            return TickResult(seen=look.seen, new=0)
        self._meter.lap()
        new = store.record(
            messages,
            lambda new: activities_for(
                new=new,
                seen=look.seen,
                meter=self._meter,
                proof=None if self._proven else {"task_arn": self._task_arn, "role_arn": self._role_arn},
            ),
            history_id=history_id,
        )
        self._proven = True
        self._meter.clear()
        return TickResult(seen=look.seen, new=new)

    @staticmethod
    def _fetch(mailbox: Mailbox, gmail_ids: list[str], patience: Patience) -> tuple[list[Message], bool]:
        """The messages that still exist, outside the bin; False when the time did not do for all."""
        deadline = time.monotonic() + FETCH_SECONDS
        messages: list[Message] = []
        for gmail_id in gmail_ids:
            if time.monotonic() > deadline:
                return messages, False
            message = mailbox.message(gmail_id, patience)
            if message is not None and not THROWN_AWAY & set(message.label_ids):
                messages.append(message)
        return messages, True
