"""One turn of the engine as a child process: started, watched, ended.

Owns the child's environment and its limits. Whatever happens, when this returns or raises, none of its processes runs
and nothing of its files is left.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agents.runtime.engine.config import render_config
from agents.runtime.engine.envelope import Envelope, parse_envelope
from agents.runtime.engine.family import Family
from agents.runtime.engine.launch import FOLDER_TAKEN, MISSING
from agents.runtime.engine.output import Output
from agents.runtime.engine.seats import Seat, taken_seat
from agents.runtime.engine.settings import EngineSettings, resolve_command
from agents.runtime.engine.workspace import Profile, render_workspace, skills_of
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure, Stopped

LAUNCHER: Final = Path(__file__).with_name("launch.py")

_LOOK_SECONDS: Final = 0.1
_REMOVE_SECONDS: Final = 10.0
# The engine's own limit comes first: it then still answers, and says that it was that.
_OWN_LIMIT_EARLIER_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """What a turn may take. Memory is that of all the engine's processes together; it needs about 600 MiB."""

    timeout_seconds: int = 180
    memory_mib: int = 900
    heap_mib: int = 384
    output_bytes: int = 1_048_576
    processes: int = 256
    files: int = 1_024
    file_mib: int = 256


def run_engine(
    *,
    settings: EngineSettings,
    role: str,
    model: str,
    bridge_url: str,
    bridge_token: str,
    mcp_url: str,
    mcp_token: str,
    profile: Profile,
    prompt: str,
    limits: Limits,
    pause: Callable[[float], bool],
) -> Envelope:
    """The engine's answer to `prompt`, the role's order for this turn, which holds no mail.

    `pause(seconds)` waits and says whether the process was told to stop meanwhile; then the engine is killed within a
    second and Stopped is raised. Raises Failure with ENGINE_FAILED, ENGINE_TIMEOUT, ENGINE_OUT_OF_MEMORY,
    ENGINE_MISSING, MODEL_UNREACHABLE or BUDGET_SPENT. To be called in the thread that outlives the turn: the kernel
    kills the engine when that thread ends.
    """
    command = resolve_command(settings)
    started = time.monotonic()
    with taken_seat(settings.uid) as seat:
        # What a supervisor that was killed may have left behind.
        Family(leader=None, uid=seat.uid).kill()
        own_limit = max(1, limits.timeout_seconds - _OWN_LIMIT_EARLIER_SECONDS)
        config = render_config(
            role=role,
            model=model,
            bridge_url=bridge_url,
            mcp_url=mcp_url,
            folder=seat.folder,
            skills=skills_of(role),
            timeout_seconds=own_limit,
        )
        workspace = render_workspace(role=role, profile=profile)
        work = {
            "do": "run",
            "uid": seat.uid,
            "folder": str(seat.folder),
            "parent": os.getpid(),
            "files": {
                "openclaw.json": config,
                "prompt.md": prompt,
                **{f"workspace/{name}": text for name, text in workspace.items()},
            },
            "command": [*command, *_arguments(seat.folder, own_limit)],
            "environment": _environment(seat.folder, limits, bridge_token=bridge_token, mcp_token=mcp_token),
            "limits": _rlimits(limits, seat),
        }
        child = _Child(work, limits, seat)
        try:
            child.watch(pause)
            stdout = child.output.finish()
        finally:
            child.end()
            _remove(seat)
    child.raise_for_exit()
    return parse_envelope(
        stdout,
        exit_code=child.process.returncode,
        seconds=round(time.monotonic() - started, 3),
        peak_rss_mib=round(child.peak_rss_mib, 1),
    )


class _Child:
    """The engine's process with its readers and its family."""

    def __init__(self, work: Mapping[str, object], limits: Limits, seat: Seat) -> None:
        self._limits = limits
        self.peak_rss_mib = 0.0
        self._deadline = time.monotonic() + limits.timeout_seconds
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCHER)],
            env={},
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._family = Family(leader=self.process.pid, uid=seat.uid)
        assert self.process.stdin and self.process.stdout and self.process.stderr  # noqa: S101 - they are pipes
        self.output = Output(self.process.stdout, self.process.stderr, limit_bytes=limits.output_bytes)
        with suppress(BrokenPipeError), self.process.stdin as stdin:
            stdin.write(json.dumps(work).encode())

    def watch(self, pause: Callable[[float], bool]) -> None:
        """Returns when the process ended by itself; raises Stopped or the Failure of the limit that it ran into."""
        while self.process.poll() is None:
            if pause(_LOOK_SECONDS):
                raise Stopped
            used_mib = self._family.rss_mib()
            self.peak_rss_mib = max(self.peak_rss_mib, used_mib)
            if used_mib > self._limits.memory_mib:
                raise Failure(
                    Exit.ENGINE_OUT_OF_MEMORY,
                    f"{used_mib:.0f} MiB in use, {self._limits.memory_mib} allowed",
                    retryable=True,
                )
            if self.output.too_much:
                raise self._wrote_too_much()
            if time.monotonic() > self._deadline:
                raise Failure(
                    Exit.ENGINE_TIMEOUT, f"no end within {self._limits.timeout_seconds} seconds", retryable=True
                )

    def end(self) -> None:
        """Afterwards nothing of it runs. Safe to repeat."""
        self._family.kill()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=2)
        self.output.finish()

    def raise_for_exit(self) -> None:
        """Raises the Failure of an end that left no envelope to read."""
        code = self.process.returncode
        if code == MISSING:
            raise Failure(Exit.ENGINE_MISSING, "the engine's user can't read the files of ENGINE_COMMAND")
        if code == FOLDER_TAKEN:
            raise Failure(Exit.ENGINE_FAILED, "the engine's folder could not be made", retryable=True)
        if self.output.too_much:
            raise self._wrote_too_much()
        if self.output.heap_is_full:
            raise Failure(
                Exit.ENGINE_OUT_OF_MEMORY, f"its heap of {self._limits.heap_mib} MiB was full", retryable=True
            )
        if code < 0:
            raise Failure(Exit.ENGINE_FAILED, f"the engine was ended by signal {-code}", retryable=True)

    def _wrote_too_much(self) -> Failure:
        return Failure(
            Exit.ENGINE_FAILED, f"the engine wrote more than {self._limits.output_bytes} bytes", retryable=True
        )


def _arguments(folder: Path, own_limit: int) -> list[str]:
    return [
        "agent",
        "exec",
        "--json",
        "--config",
        str(folder / "openclaw.json"),
        "--cwd",
        str(folder / "workspace"),
        "--timeout",
        str(own_limit),
        "--message-file",
        str(folder / "prompt.md"),
    ]


def _environment(folder: Path, limits: Limits, *, bridge_token: str, mcp_token: str) -> dict[str, str]:
    """All that the engine's environment holds: nothing of ours is passed on."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder / "state"),
        "TMPDIR": str(folder / "tmp"),
        "NODE_OPTIONS": f"--max-old-space-size={limits.heap_mib} --max-semi-space-size=8",
        # It would write 32 MB anew into each run's folder and start a second process for it.
        "NODE_DISABLE_COMPILE_CACHE": "1",
        "OPENCLAW_STATE_DIR": str(folder / "state"),
        "OPENCLAW_CONFIG_PATH": str(folder / "openclaw.json"),
        "OPENCLAW_NO_RESPAWN": "1",
        "OPENCLAW_DISABLE_BONJOUR": "1",
        "OPENCLAW_SKIP_CHANNELS": "1",
        "OPENCLAW_EXEC_SHELL_SNAPSHOT": "0",
        "OPENCLAW_NO_AUTO_UPDATE": "1",
        "OPENCLAW_OFFLINE": "1",
        "BRIDGE_TOKEN": bridge_token,
        "MCP_TOKEN": mcp_token,
    }


def _rlimits(limits: Limits, seat: Seat) -> dict[str, int]:
    """By the names of the resource module. Not the address space: V8 reserves far more than it uses."""
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": limits.files,
        "RLIMIT_FSIZE": limits.file_mib * 2**20,
    }
    if seat.uid is not None:
        # It counts all of a user's processes, so it fits only a user that is the engine's alone.
        wanted["RLIMIT_NPROC"] = limits.processes
    return wanted


def _remove(seat: Seat) -> None:
    work = {"do": "remove", "uid": seat.uid, "folder": str(seat.folder)}
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(
            [sys.executable, "-I", "-S", str(LAUNCHER)],
            input=json.dumps(work).encode(),
            env={},
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=_REMOVE_SECONDS,
        )
