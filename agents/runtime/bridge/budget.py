"""How much a turn may spend on the model. Owns the sum and the refusal; what a call costs is `prices`'s matter.

A turn holds the rest of the customer's month as it was when the turn began. The other roles' turns beside it hold the
same rest, so that three at once may overspend the month by one turn each.
"""

import threading


class BudgetSpent(Exception):
    """Nothing is left for another call."""


class Budget:
    """A limit in micro-USD and what was spent of it; safe to use from several threads.

    A call's cost is known when it has ended. So that calls side by side can't all pass on the same rest, each holds
    what it is expected to cost until then; spent may exceed the limit by what one call costs more than that.
    """

    def __init__(self, limit_micro_usd: int, spent_micro_usd: int = 0) -> None:
        self.limit_micro_usd = limit_micro_usd
        self._spent = spent_micro_usd
        self._held = 0
        self._lock = threading.Lock()

    @property
    def spent_micro_usd(self) -> int:
        """What calls that have ended cost."""
        with self._lock:
            return self._spent

    def check(self, hold_micro_usd: int = 0) -> None:
        """Before each call: hold what it may cost. BudgetSpent: nothing is left; nothing is held then."""
        with self._lock:
            if self._spent + self._held >= self.limit_micro_usd:
                raise BudgetSpent
            self._held += hold_micro_usd

    def settle(self, cost_micro_usd: int, hold_micro_usd: int = 0) -> None:
        """After each call: what it cost, in place of what it held."""
        with self._lock:
            self._held -= hold_micro_usd
            self._spent += cost_micro_usd
