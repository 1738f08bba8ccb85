"""What is to be done in a tick, cut into lots of which each is one turn of the engine.

Owns when there is work at all: without a lot no engine starts and no model is asked.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Final, TypeVar

from agents.runtime.store import Store
from agents.runtime.tools import Lot

T = TypeVar("T")

# A message's text has at most 12,000 characters, a thread's at most 16,000: in scripts of which a token holds three or
# four, a lot takes half of the model's context at the most.
MESSAGES_A_TURN: Final = 20
LEADS_A_TURN: Final = 10
# More wait for the next tick.
MOST_MESSAGES: Final = 200
MOST_LEADS: Final = 50


def lots_of(role: str, store: Store) -> list[Lot]:
    """What the role has not gone over yet: messages, oldest first; for Writer leads, the most promising first."""
    if role == "writer":
        leads = store.leads.waiting_ids(limit=MOST_LEADS)
        return [Lot(leads=frozenset(part)) for part in _parts(leads, LEADS_A_TURN)]
    messages = store.mail.waiting(limit=MOST_MESSAGES)
    return [Lot(messages=frozenset(part)) for part in _parts(messages, MESSAGES_A_TURN)]


def _parts(items: Sequence[T], size: int) -> list[list[T]]:
    rest = iter(items)
    return list(iter(lambda: list(islice(rest, size)), []))
