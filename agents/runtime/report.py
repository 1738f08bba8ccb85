"""What a tick says of itself in the customer's activities.

Owns the kinds, summaries and data of those rows: figures and fixed words only, never mail text.
"""

from agents.runtime.meter import Meter
from agents.runtime.store import Activity


def proof_of_life(role_arn: str, task_arn: str | None, messages_seen: int, engine_version: str) -> Activity:
    """The process's first success: what the back office takes for this agent's proof, once the run ends well."""
    return Activity(
        kind="proof_of_life",
        summary="Started as this customer and reached its mailbox and its schema.",
        data={
            "task_arn": task_arn,
            "role_arn": role_arn,
            "messages_seen": messages_seen,
            "engine_version": engine_version,
        },
    )


def inbox_read(*, new: int, seen: int) -> list[Activity]:
    """A row when messages were looked at, of which `new` were stored by this tick."""
    if not seen:
        return []
    noun = "message" if new == 1 else "messages"
    return [Activity(kind="inbox_read", summary=f"Stored {new} new {noun}.", data={"new": new, "total": seen})]


def usage(meter: Meter) -> Activity:
    """What was used since the last such row: wall-clock seconds of ticks, requests to Gmail, messages fetched."""
    return Activity(
        kind="usage",
        summary="Usage since the last report.",
        data={
            "seconds": round(meter.seconds, 3),
            "gmail_calls": meter.gmail_calls,
            "messages_read": meter.messages_read,
        },
    )
