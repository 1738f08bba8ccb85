"""The process that stands for a task's container. Owns its start, output, memory and end; no states of ECS."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from ...processes import signal_group, spawn
from ...proctable import descendants
from .awslogs import LogStream
from .task import Task

DEFAULT_STOP_TIMEOUT_SECONDS = 30.0
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_READ_BYTES = 65_536
_MAX_READ_BYTES_A_TURN = 1_048_576


class CannotStartContainer(Exception):
    """The command can't be run; str() is ECS's reason."""


class Container:
    """One run of a task's command. Used by the engine's thread only."""

    def __init__(self, task: Task, *, home: Path, cwd: Path, agent_environment: Mapping[str, str]) -> None:
        self._task = task
        self._home = home
        # Where the system's other users may come, which they may not in the world's state folder.
        self._tmp = Path(tempfile.gettempdir()) / f"openclaw-task-{task.id}"
        self._cwd = cwd
        self._agent_environment = dict(agent_environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._kill_at: float | None = None
        self.out_of_memory = False
        self.log = LogStream(task)

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("The container was not started.")
        return self._process.pid

    def start(self) -> None:
        """The command runs in a session of its own. CannotStartContainer when there is no such program."""
        command = self._command()
        environment = self._environment()
        program = shutil.which(command[0], path=environment["PATH"]) if command else None
        if program is None:
            name = command[0] if command else ""
            raise CannotStartContainer(
                "CannotStartContainerError: failed to create containerd task: failed to create shim task: OCI "
                f'runtime create failed: runc create failed: exec: "{name}": executable file not found in $PATH'
            )
        self._home.mkdir(parents=True, mode=0o700)
        self._tmp.mkdir()
        self._tmp.chmod(0o1777)  # for all of its users, as in an image
        self._process = spawn([program, *command[1:]], env=environment, cwd=self._cwd, stdout=subprocess.PIPE)
        if self._process.stdout:
            os.set_blocking(self._process.stdout.fileno(), False)

    def ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def request_stop(self) -> None:
        """SIGTERM to the command now, SIGKILL to its group after the definition's stopTimeout. Safe to repeat."""
        if self._kill_at is not None or self._process is None:
            return
        timeout = self._task.launch.main.get("stopTimeout")
        self._kill_at = time.monotonic() + float(timeout if timeout else DEFAULT_STOP_TIMEOUT_SECONDS)
        if not self.ended():
            self._process.send_signal(signal.SIGTERM)

    def enforce(self, rss_mib: float | None) -> None:
        """Kill the group when it is past its stop's deadline or over its memory."""
        if rss_mib is not None and rss_mib > self._task.launch.memory_limit_mib:
            self.out_of_memory = True
            self.kill()
        elif self._kill_at is not None and time.monotonic() >= self._kill_at:
            self.kill()

    def kill(self) -> None:
        """SIGKILL to all its processes, those in groups of their own too."""
        if self._process is not None:
            below = descendants(self._process.pid)
            signal_group(self._process.pid, signal.SIGKILL)
            for pid in below:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def pump(self) -> None:
        """Move what the command printed towards the log."""
        self._read()
        self.log.flush()

    def finish(self) -> int:
        """Reap it with all it left running, send the rest of its log. Returns the exit code as a runtime does."""
        if self._process is None:
            raise RuntimeError("The container was not started.")
        self.kill()  # a container ends with its first process, whatever else it had started
        code = self._process.wait()
        self._read()
        self.log.close()
        if self._process.stdout:
            self._process.stdout.close()
        for folder in (self._home, self._tmp):
            shutil.rmtree(folder, ignore_errors=True)
        return code if code >= 0 else 128 - code

    def _read(self) -> None:
        if self._process is None or self._process.stdout is None:
            return
        descriptor = self._process.stdout.fileno()
        for _ in range(_MAX_READ_BYTES_A_TURN // _READ_BYTES):
            try:
                data = os.read(descriptor, _READ_BYTES)
            except BlockingIOError:
                return
            if not data:
                return
            self.log.write(data)

    def _command(self) -> list[str]:
        launch = self._task.launch
        entry = list(launch.main.get("entryPoint") or [])
        command = launch.main_override.get("command") or launch.main.get("command") or []
        return [*entry, *command]

    def _environment(self) -> dict[str, str]:
        """A clean environment: what an image and the ECS agent set, the task definition, the override."""
        launch = self._task.launch
        interpreter = Path(sys.executable).parent
        environment = {
            "PATH": f"{interpreter}:{_SYSTEM_PATH}",
            "HOME": str(self._home),
            "TMPDIR": str(self._tmp),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "HOSTNAME": self._task.id,
            "AWS_REGION": launch.region,
            "AWS_DEFAULT_REGION": launch.region,
            "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
            **self._agent_environment,
        }
        for source in (launch.main, launch.main_override):
            environment |= {item["name"]: item["value"] for item in source.get("environment") or []}
        return environment
