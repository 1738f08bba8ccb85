"""One tick: authorise, look for new mail, fetch it, store it with a report.

Owns the order of things. All three roles read new mail and record it; whichever comes first stores a message,
the others find it known.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from agents.runtime.config import Config
from agents.runtime.gmail import Mailbox
from agents.runtime.messages import Message
from agents.runtime.meter import Meter
from agents.runtime.report import activities_for
from agents.runtime.retry import Patience
from agents.runtime.secret import read_gmail_secret
from agents.runtime.store import Store, open_store

# Fetching ends here and what was fetched is stored; the next tick goes on with the rest.
FETCH_SECONDS = 60.0


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

        Safe to repeat. Writes nothing when nothing is new, except on the process's first success, which is
        its proof of life. Raises Failure for a known cause and Stopped when told to stop in a pause; then
        nothing was written.
        """
        self._meter.start()
        try:
            mailbox = self._open_mailbox()
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
        seen, wanted = look_for_new(mailbox, store, patience)
        messages = self._fetch(mailbox, wanted, patience)
        if not messages and self._proven:
            return TickResult(seen=seen, new=0)
        self._meter.lap()
        new = store.record(
            messages,
            lambda new: activities_for(
                new=new,
                seen=seen,
                meter=self._meter,
                proof=None if self._proven else {"task_arn": self._task_arn, "role_arn": self._role_arn},
            ),
        )
        self._proven = True
        self._meter.clear()
        return TickResult(seen=seen, new=new)

    @staticmethod
    def _fetch(mailbox: Mailbox, gmail_ids: list[str], patience: Patience) -> list[Message]:
        deadline = time.monotonic() + FETCH_SECONDS
        messages = []
        for gmail_id in gmail_ids:
            if time.monotonic() > deadline:
                break
            message = mailbox.message(gmail_id, patience)
            if message is not None:
                messages.append(message)
        return messages


def look_for_new(mailbox: Mailbox, store: Store, patience: Patience) -> tuple[int, list[str]]:
    """How many messages were looked at, and the ids of those not stored yet, oldest first.

    The first look at a mailbox takes one page, the 50 newest. Later ones go back page by page until they meet
    a stored message, at most four pages. Oldest first, because the next look stops at the page with a stored
    message: a tick that ends half-way then leaves only newer ones behind, which it finds.
    """
    seen = 0
    unknown: list[str] = []
    first_look = store.is_empty()
    for page in mailbox.pages(patience):
        known = store.known(page)
        seen += len(page)
        unknown += [gmail_id for gmail_id in page if gmail_id not in known]
        if first_look or known:
            break
    return seen, unknown[::-1]
