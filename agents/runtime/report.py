"""What a tick says of itself in the customer's activities.

Owns the kinds, summaries and data of those rows: figures and fixed words only, never mail text.
"""

from typing import Any

from agents.runtime.meter import Meter
from agents.runtime.store import Activity


def activities_for(*, new: int, seen: int, meter: Meter, proof: dict[str, Any] | None) -> list[Activity]:
    """The rows for one tick that stored `new` of `seen` messages; `proof` on the process's first success."""
    activities = []
    if proof is not None:
        activities.append(
            Activity(
                kind="proof_of_life",
                summary="Started as this customer and reached its mailbox and its schema.",
                data={**proof, "messages_seen": seen},
            )
        )
    noun = "message" if new == 1 else "messages"
    activities.append(
        Activity(kind="inbox_read", summary=f"Stored {new} new {noun}.", data={"new": new, "total": seen})
    )
    usage = {
        "seconds": round(meter.seconds, 3),
        "gmail_calls": meter.gmail_calls,
        "messages_read": meter.messages_read,
        "rows_written": new + len(activities) + 1,
    }
    activities.append(Activity(kind="usage", summary="Usage since the last report.", data=usage))
    return activities
