"""What the launcher is told to do: files, program, environment and limits of one turn.

Owns all that the engine gets to see of us. It ends up on the launcher's standard input, in no argument.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agents.runtime.engine.config import render_config
from agents.runtime.engine.seats import Seat
from agents.runtime.engine.workspace import render_workspace, skills_of
from agents.runtime.profile import Profile

# The engine's own limit comes first: it then still answers, and says that it was that.
_OWN_LIMIT_EARLIER_SECONDS: Final = 10
_CACHE: Final = "compile-cache"


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


def order_for(
    turn: Turn, *, command: list[str], seat: Seat, limits: Limits, compile_cache: Path | None = None
) -> dict[str, Any]:
    """The launcher's order to run this turn in this seat, with the compiled code that is in `compile_cache`."""
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
        "links": _links(compile_cache, seat),
        "command": [*command, *_arguments(seat.folder, own_limit)],
        "environment": _environment(seat.folder, limits, turn) | caching(compile_cache and seat.folder / _CACHE),
        "limits": _rlimits(limits, seat),
    }


def caching(folder: Path | None) -> dict[str, str]:
    """The environment of an engine that keeps its compiled code in `folder`, or, without one, nowhere.

    Left alone it would write 32 MB anew into each run's folder.
    """
    if folder is None:
        return {"NODE_DISABLE_COMPILE_CACHE": "1"}
    # The second name keeps it from starting itself again with a folder of its own choice.
    return {"NODE_COMPILE_CACHE": str(folder), "OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED": "1"}


def _links(compile_cache: Path | None, seat: Seat) -> dict[str, str]:
    """Links in the run's folder by the name that Node looks for, which ends with its user's number."""
    if compile_cache is None:
        return {}
    uid = os.geteuid() if seat.uid is None else seat.uid
    return {f"{_CACHE}/{part.name}-{uid}": str(part) for part in compile_cache.iterdir()}


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
