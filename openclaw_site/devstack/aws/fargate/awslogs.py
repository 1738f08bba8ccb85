"""Sends what a container prints to CloudWatch Logs, as the awslogs driver does.

Owns the stream `<prefix>/<container>/<task id>` and the batches. Lines are cut at 16 KiB, as the container runtime
cuts them, and empty ones are left out.
"""

import time

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.logs.models import LogsBackend, logs_backends

from .task import Json, Task

FLUSH_SECONDS = 0.3
MAX_LINE_BYTES = 16 * 1024
MAX_BATCH_EVENTS = 1000


class LogStream:
    """The log of one task's container. Without an awslogs configuration its lines are dropped."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._pending: list[Json] = []
        self._unfinished = b""
        self._flushed_at = 0.0
        configuration = task.launch.main.get("logConfiguration") or {}
        self._options = configuration.get("options") or {}
        self._enabled = configuration.get("logDriver") == "awslogs"

    @property
    def name(self) -> str:
        container = self._task.launch.main["name"]
        return f"{self._options.get('awslogs-stream-prefix', 'ecs')}/{container}/{self._task.id}"

    def open(self) -> str | None:
        """Create the stream. Returns ECS's reason when it can't be, and the task must not start."""
        if not self._enabled:
            return None
        backend, group = self._backend(), self._options.get("awslogs-group", "")
        try:
            if group not in backend.groups and self._options.get("awslogs-create-group") == "true":
                backend.create_log_group(group, {})
            backend.create_log_stream(group, self.name)
        except (JsonRESTError, ServiceException):
            return (
                "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 "
                "times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log "
                "group does not exist."
            )
        return None

    def write(self, data: bytes) -> None:
        """Take in output as it was read; whole lines wait for the next flush."""
        *lines, self._unfinished = (self._unfinished + data).split(b"\n")
        while len(self._unfinished) > MAX_LINE_BYTES:
            lines.append(self._unfinished[:MAX_LINE_BYTES])
            self._unfinished = self._unfinished[MAX_LINE_BYTES:]
        for line in lines:
            for start in range(0, len(line), MAX_LINE_BYTES):
                self._add(line[start : start + MAX_LINE_BYTES])

    def close(self) -> None:
        """The last line needs no newline. Everything written is in CloudWatch Logs afterwards."""
        if self._unfinished:
            self._add(self._unfinished)
            self._unfinished = b""
        self.flush(force=True)

    def flush(self, *, force: bool = False) -> None:
        """Send what waits, at most every FLUSH_SECONDS unless forced."""
        if not self._pending or (not force and time.monotonic() - self._flushed_at < FLUSH_SECONDS):
            return
        waiting, self._pending = self._pending, []
        self._flushed_at = time.monotonic()
        if not self._enabled:
            return
        for start in range(0, len(waiting), MAX_BATCH_EVENTS):
            batch = waiting[start : start + MAX_BATCH_EVENTS]
            try:
                self._backend().put_log_events(self._options["awslogs-group"], self.name, batch)
            except (JsonRESTError, ServiceException):
                return  # the group was deleted meanwhile: the driver drops lines as well

    def _add(self, line: bytes) -> None:
        text = line.rstrip(b"\r").decode("utf-8", errors="replace")
        if text:
            self._pending.append({"timestamp": int(time.time() * 1000), "message": text})

    def _backend(self) -> LogsBackend:
        region = self._options.get("awslogs-region", self._task.launch.region)
        return logs_backends[self._task.launch.account][region]
