"""A token bucket: how fast calls may follow each other. Owns its arithmetic, nothing of what is called."""

import time
from collections.abc import Callable


class TokenBucket:
    """`burst` calls at once, then `rate_per_second`. For one thread."""

    def __init__(self, *, rate_per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate_per_second
        self._burst = float(burst)
        self._clock = clock
        self._tokens = float(burst)
        self._filled_at = clock()

    def wait_seconds(self) -> float:
        """Take a token: how long to wait before the call that it stands for (0 when there was one)."""
        self._fill()
        self._tokens -= 1
        return max(0.0, -self._tokens / self._rate)

    def within(self, seconds: float) -> int:
        """How many calls can be made in this time, if none is made otherwise. Takes nothing."""
        self._fill()
        return max(0, int(self._tokens + seconds * self._rate)) if seconds > 0 else 0

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
