"""How many messages wait in Celery's queues, and how long the oldest has waited.

Owns the stamp that each message gets when it is sent, and knows how kombu lays out its queues in Redis: a list for each
priority, new messages at its head, the next to be taken at its tail. Messages that a worker holds are not in it.
"""

import json
import time
from dataclasses import dataclass
from typing import Any, Final

from redis import Redis

QUEUES: Final = ("default", "provisioning")
STAMP: Final = "queued_at"
# In Redis 0 is taken first. What has to be known about a crowded queue must not wait in it.
FIRST: Final = 0
NORMAL: Final = 6

# Kombu's defaults (kombu.transport.redis, Channel.priority_steps and sep): priority 0 has the queue's own name.
_SEPARATOR: Final = "\x06\x16"
_PRIORITIES: Final = (0, 3, 6, 9)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One queue at one moment."""

    queue: str
    messages: int
    oldest_seconds: float


def stamp(headers: dict[str, Any] | None = None, **rest: Any) -> None:
    """Receiver of `before_task_publish`: the message says since when it waits, also after a worker gave it back."""
    if headers is not None:
        headers[STAMP] = time.time()


def waiting(*, client: Redis, queue: str) -> Waiting:
    """How the queue stands. A message without a stamp counts as new. Raises RedisError."""
    with client.pipeline(transaction=False) as pipe:
        for key in keys(queue):
            pipe.llen(key)
            pipe.lindex(key, -1)
        answers = pipe.execute()
    now = time.time()
    oldest = [now - queued_at for queued_at in map(_queued_at, answers[1::2]) if queued_at is not None]
    return Waiting(queue=queue, messages=sum(answers[::2]), oldest_seconds=max([0.0, *oldest]))


def keys(queue: str) -> list[str]:
    """The lists in Redis that a queue is made of, in the order in which they are emptied."""
    return [f"{queue}{_SEPARATOR}{priority}" if priority else queue for priority in _PRIORITIES]


def _queued_at(message: bytes | None) -> float | None:
    try:
        return float(json.loads(message or b"{}")["headers"][STAMP])
    except (ValueError, KeyError, TypeError):
        return None
