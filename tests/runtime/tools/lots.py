"""What a turn is given, what is stored before it, and what its calls left behind."""

from agents.runtime.config import read_config
from agents.runtime.store import open_store
from agents.runtime.tools import Lot

CLASS = {"category": "inquiry", "urgency": "high", "needs_reply": True}


def messages(*numbers):
    """A turn's lot: the messages with these numbers, or of these Gmail ids."""
    return Lot(messages=frozenset(f"m{number}" if isinstance(number, int) else number for number in numbers))


def called(rows):
    """Tool and outcome of each activity, in their order."""
    return [(data["tool"], data["outcome"]) for (data,) in rows.rows("activities", "data")]


def keep(rows, *messages, leads=()):
    with open_store(read_config(rows.environ())) as store:
        store.record(messages, lambda new: [])
        for lead in leads:
            store.leads.upsert(lead)
