"""What one turn of the engine is about."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Lot:
    """Gmail ids of messages, or ids of leads: so many that their texts fit into the model's context."""

    messages: frozenset[str] = frozenset()
    leads: frozenset[UUID] = frozenset()

    def halves(self) -> "list[Lot]":
        """Two lots that make up this one; none when it can't be cut."""
        if len(self) < 2:
            return []
        messages, leads = sorted(self.messages), sorted(self.leads)
        cuts = (slice(None, len(messages) // 2), slice(None, len(leads) // 2))
        first = Lot(frozenset(messages[cuts[0]]), frozenset(leads[cuts[1]]))
        return [first, Lot(self.messages - first.messages, self.leads - first.leads)]

    def __len__(self) -> int:
        return len(self.messages) + len(self.leads)
