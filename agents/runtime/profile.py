"""What a customer may set for its agents. Written in the back office, here only read."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Profile:
    """Its tone, and facts about its business; empty where it said nothing."""

    tone: str = field(default="", repr=False)
    facts: str = field(default="", repr=False)
