"""The tasks that exist and the client tokens that were used. Owns looking up and forgetting; thread-safe.

A stopped task is forgotten after an hour, a client token after a day, as in ECS.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .errors import Conflict
from .task import STOPPED, Json, Task, now

STOPPED_TASK_SECONDS = 3600
CLIENT_TOKEN_SECONDS = 24 * 3600


@dataclass(frozen=True)
class _TokenUse:
    fingerprint: str
    tasks: tuple[Task, ...]
    at: float


class Registry:
    """All tasks of all accounts and regions of this embedded AWS."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._tasks: dict[str, Task] = {}
        self._tokens: dict[tuple[str, str], _TokenUse] = {}

    def run(self, scope: str, request: Json, make: Callable[[], list[Task]]) -> list[Task]:
        """The tasks that make() returns, added; or those of an earlier request with the same client token.

        Conflict when the token was used with other parameters. Two requests at once with one token make one
        task. A request that starts nothing leaves its token unused.
        """
        token = request.get("clientToken")
        with self._lock:
            self._forget_old()
            used = self._tokens.get((scope, token)) if token else None
            if used:
                if used.fingerprint != _fingerprint(request):
                    raise Conflict([task.arn for task in used.tasks])
                return list(used.tasks)
            tasks = make()
            for task in tasks:
                self._tasks[task.arn] = task
            if token and tasks:
                self._tokens[scope, token] = _TokenUse(_fingerprint(request), tuple(tasks), time.monotonic())
            return tasks

    def find(self, name: str, *, cluster_arn: str) -> Task | None:
        """The task with this ARN or id in the cluster."""
        with self._lock:
            exact = self._tasks.get(name)
            candidates: Iterable[Task] = [exact] if exact else self._tasks.values()
            for task in candidates:
                if task.launch.cluster_arn == cluster_arn and name in (task.arn, task.id):
                    return task
        return None

    def all(self) -> list[Task]:
        """Every remembered task, the oldest first."""
        with self._lock:
            return list(self._tasks.values())

    def _forget_old(self) -> None:
        moment, tick = now(), time.monotonic()
        for arn, task in list(self._tasks.items()):
            if task.last_status == STOPPED and task.stopped_at is not None:
                age = (moment - task.stopped_at).total_seconds()
                if age > STOPPED_TASK_SECONDS:
                    del self._tasks[arn]
        for key, use in list(self._tokens.items()):
            if tick - use.at > CLIENT_TOKEN_SECONDS:
                del self._tokens[key]


def _fingerprint(request: Json) -> str:
    parameters = {name: value for name, value in request.items() if name != "clientToken"}
    return hashlib.sha256(json.dumps(parameters, sort_keys=True, default=str).encode()).hexdigest()
