"""What the launcher is told to do: files, program, environment and limits of one turn.

Owns all that the engine gets to see of us. It ends up on the launcher's standard input, in no argument.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agents.runtime.engine.config import render_config
from agents.runtime.engine.seats import Seat
from agents.runtime.engine.workspace import Profile, render_workspace, skills_of

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One order to one role: the tokens are for loopback and end with the turn, the prompt holds no mail."""

    role: str
    model: str
    bridge_url: str
    bridge_token: str = field(repr=False)
    mcp_url: str
    mcp_token: str = field(repr=False)
    profile: Profile
    prompt: str


def order_for(turn: Turn, *, command: list[str], seat: Seat, limits: Limits) -> dict[str, Any]:
    """The launcher's order to run this turn in this seat."""
    own_limit = max(1, limits.timeout_seconds - _OWN_LIMIT_EARLIER_SECONDS)
    config = render_config(
        role=turn.role,
        model=turn.model,
        bridge_url=turn.bridge_url,
        mcp_url=turn.mcp_url,
        folder=seat.folder,
        skills=skills_of(turn.role),
        timeout_seconds=own_limit,
    )
    workspace = render_workspace(role=turn.role, profile=turn.profile)
    return {
        "do": "run",
        "uid": seat.uid,
        "folder": str(seat.folder),
        "parent": os.getpid(),
        "files": {
            "openclaw.json": config,
            "prompt.md": turn.prompt,
            **{f"workspace/{name}": text for name, text in workspace.items()},
        },
        "command": [*command, *_arguments(seat.folder, own_limit)],
        "environment": _environment(seat.folder, limits, turn),
        "limits": _rlimits(limits, seat),
    }


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


def _environment(folder: Path, limits: Limits, turn: Turn) -> dict[str, str]:
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
        "BRIDGE_TOKEN": turn.bridge_token,
        "MCP_TOKEN": turn.mcp_token,
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
