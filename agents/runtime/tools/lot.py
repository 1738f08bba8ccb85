"""What one turn of the engine is about."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Lot:
    """Gmail ids of messages, or ids of leads: so many that their texts fit into the model's context."""

    messages: frozenset[str] = frozenset()
    leads: frozenset[UUID] = frozenset()

    def __len__(self) -> int:
        return len(self.messages) + len(self.leads)
