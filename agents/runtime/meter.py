"""What the agent used since it last reported.

Owns the sums. A tick that finds nothing reports nothing and a failed one cannot, so their share waits here
for the next report.
"""

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Meter:
    """Wall-clock seconds of ticks, requests to Gmail's API (retries included) and messages fetched.

    `reported` says whether any of it ever was.
    """

    seconds: float = 0.0
    gmail_calls: int = 0
    messages_read: int = 0
    reported: bool = False
    _since: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        """From here on time counts."""
        self._since = time.monotonic()

    def lap(self) -> None:
        """Afterwards `seconds` holds the time up to now."""
        now = time.monotonic()
        self.seconds += now - self._since
        self._since = now

    def clear(self) -> None:
        """Forgets the sums: they were reported."""
        self.reported = True
        self.seconds = 0.0
        self.gmail_calls = 0
        self.messages_read = 0
