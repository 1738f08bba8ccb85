"""What is to be done in a tick, cut into lots of which each is one turn of the engine.

Owns when there is work at all: without a lot no engine starts and no model is asked.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Final, TypeVar

from agents.runtime.store import Store
from agents.runtime.tools import Lot

T = TypeVar("T")

# A message's text has at most 12,000 characters, a thread's at most 16,000: a lot takes half of the model's context.
MESSAGES_A_TURN: Final = 20
LEADS_A_TURN: Final = 10
# More wait for the next tick.
MOST_LEADS: Final = 50


def lots_of_messages(role: str, store: Store, new: Sequence[str]) -> list[Lot]:
    """Those of a role's new messages that are stored, oldest first; for Butler only those that have no class yet."""
    limit = max(1, len(new))
    mail = store.mail
    found = mail.unclassified(new, limit=limit) if role == "butler" else mail.among(new, limit=limit)
    ids = [message.gmail_id for message in found]
    return [Lot(messages=frozenset(part)) for part in _parts(ids, MESSAGES_A_TURN)]


def lots_of_leads(store: Store) -> list[Lot]:
    """The leads that wait for a draft, the most promising first."""
    waiting = store.leads.waiting_ids(limit=MOST_LEADS)
    return [Lot(leads=frozenset(part)) for part in _parts(waiting, LEADS_A_TURN)]


def _parts(items: Sequence[T], size: int) -> list[list[T]]:
    rest = iter(items)
    return list(iter(lambda: list(islice(rest, size)), []))
