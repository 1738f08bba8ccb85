"""The thread that moves tasks on. Owns every change of status, and nothing else changes one.

One thread serves all tasks: it starts processes, reads their output, watches memory and deadlines. A task's turn
never blocks longer than starting a process takes.
"""

import logging
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ...ledger import Ledger
from ...proctable import rss_mib_by_family
from . import identity
from .container import CannotStartContainer, Container
from .endpoint import Endpoint
from .events import post_state_change
from .task import DEPROVISIONING, PENDING, PROVISIONING, RUNNING, STOPPED, Task, now

logger = logging.getLogger(__name__)

TURN_SECONDS = 0.05
MEMORY_WATCH_SECONDS = 0.5


class Engine:
    """Runs the tasks it is given until they have stopped."""

    def __init__(
        self, *, state_dir: Path, cwd: Path, endpoint: Endpoint, ledger: Ledger | None, max_running: int
    ) -> None:
        self.roles = identity.RoleSettings()
        self._homes = state_dir / "tasks"
        self._cwd = cwd
        self._endpoint = endpoint
        self._ledger = ledger
        self._max_running = max_running
        self._wake = threading.Condition()
        self._tasks: list[Task] = []
        self._containers: dict[Task, Container] = {}
        self._closing = False
        self._thread: threading.Thread | None = None
        self._memory: dict[int, float] = {}
        self._memory_at = 0.0

    def start(self) -> None:
        shutil.rmtree(self._homes, ignore_errors=True)
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="devstack-fargate", daemon=True)
        self._thread.start()

    def submit(self, task: Task) -> None:
        """Take on a new task; its first event says PROVISIONING."""
        post_state_change(task)
        with self._wake:
            self._tasks.append(task)
            self._wake.notify_all()

    def request_stop(self, task: Task, reason: str) -> None:
        """The task is to stop; it has when its status says so. A second request changes nothing."""
        with self._wake:
            if task.desired_status == STOPPED:
                return
            task.desired_status = STOPPED
            task.stop_code = "UserInitiated"
            task.stopped_reason = reason
            task.stopping_at = now()
            self._wake.notify_all()
        self._announce(task)

    def close(self, grace_seconds: float) -> None:
        """End every process: SIGTERM, SIGKILL after the grace. No events any more. Safe to repeat."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        if self._thread:
            self._thread.join()
            self._thread = None
        deadline = time.monotonic() + grace_seconds
        for container in self._containers.values():
            container.request_stop()
        while time.monotonic() < deadline and not all(item.ended() for item in self._containers.values()):
            time.sleep(TURN_SECONDS)
        for task, container in self._containers.items():
            self._reap(task, container)
        self._containers.clear()
        self._tasks.clear()
        shutil.rmtree(self._homes, ignore_errors=True)

    def rss_mib(self) -> float:
        """Memory of all running tasks in MiB, as last measured (at most half a second ago)."""
        return sum(self._memory.values())

    def _run(self) -> None:
        while True:
            with self._wake:
                if not self._tasks and not self._closing:
                    self._wake.wait()
                if self._closing:
                    return
                tasks = list(self._tasks)
            self._measure()
            for task in tasks:
                self._turn(task)
            with self._wake:
                self._tasks = [task for task in self._tasks if task.last_status != STOPPED]
            time.sleep(TURN_SECONDS)

    def _turn(self, task: Task) -> None:
        steps: dict[str, Callable[[Task], None]] = {
            PROVISIONING: self._provision,
            PENDING: self._launch,
            RUNNING: self._watch,
            DEPROVISIONING: self._deprovision,
        }
        try:
            steps[task.last_status](task)
        except Exception:
            logger.exception("The embedded Fargate failed at task %s.", task.id)
            self._fail(task, "ServiceError: the embedded Fargate failed; its log says why")

    def _provision(self, task: Task) -> None:
        if task.desired_status == STOPPED:
            self._move(task, DEPROVISIONING)
        elif len(self._containers) < self._max_running:
            refusal = identity.refusal(task, self.roles)
            if refusal:
                self._fail(task, refusal)
                return
            self._containers[task] = Container(
                task,
                home=self._homes / task.id,
                cwd=self._cwd,
                agent_environment=self._endpoint.admit(task),
            )
            task.pull_started_at = now()
            self._move(task, PENDING)

    def _launch(self, task: Task) -> None:
        container = self._containers[task]
        if task.desired_status == STOPPED:
            del self._containers[task]
            self._move(task, DEPROVISIONING)
            return
        problem = container.log.open()
        if problem:
            del self._containers[task]
            self._fail(task, problem)
            return
        try:
            container.start()
        except CannotStartContainer as error:
            del self._containers[task]
            task.container_reason = str(error)
            self._fail(task, f"Task failed to start: {error}")
            return
        if self._ledger:
            self._ledger.record(container.pid)
        task.started_at = now()
        self._move(task, RUNNING)

    def _watch(self, task: Task) -> None:
        container = self._containers[task]
        if task.desired_status == STOPPED:
            container.request_stop()
        ended = container.ended()
        container.enforce(self._memory.get(container.pid))
        container.pump()
        if ended:
            self._complete(task, container)

    def _complete(self, task: Task, container: Container) -> None:
        task.exit_code = self._reap(task, container)
        del self._containers[task]
        task.execution_stopped_at = now()
        if container.out_of_memory:
            task.container_reason = "OutOfMemoryError: container killed due to memory usage"
        if task.desired_status != STOPPED:
            task.stop_code = "EssentialContainerExited"
            task.stopped_reason = "Essential container in task exited"
        self._move(task, DEPROVISIONING)

    def _deprovision(self, task: Task) -> None:
        self._endpoint.dismiss(task)
        task.stopped_at = now()
        self._move(task, STOPPED)

    def _fail(self, task: Task, reason: str) -> None:
        """The task never ran, or can't go on."""
        container = self._containers.pop(task, None)
        if container:
            container.kill()
        with self._wake:
            task.stop_code = "TaskFailedToStart"
            task.stopped_reason = reason
        self._move(task, DEPROVISIONING)

    def _move(self, task: Task, status: str) -> None:
        if status == DEPROVISIONING:
            task.desired_status = STOPPED
            task.stopping_at = task.stopping_at or now()
        task.last_status = status
        self._announce(task)

    def _announce(self, task: Task) -> None:
        with self._wake:
            task.version += 1
            post_state_change(task)

    def _reap(self, task: Task, container: Container) -> int | None:
        """Exit code, None if it never started."""
        try:
            pid = container.pid
        except RuntimeError:
            return None
        code = container.finish()
        self._memory.pop(pid, None)
        if self._ledger:
            self._ledger.forget(pid)
        return code

    def _measure(self) -> None:
        if time.monotonic() - self._memory_at >= MEMORY_WATCH_SECONDS:
            running = [task for task in self._containers if task.last_status == RUNNING]
            self._memory = rss_mib_by_family({self._containers[task].pid for task in running})
            self._memory_at = time.monotonic()
