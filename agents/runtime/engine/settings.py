"""Which program the engine is and as whom it runs, from the environment.

Owns ENGINE_COMMAND, ENGINE_UID, ENGINE_SAME_UID, ENGINE_SEATS and ENGINE_COMPILE_CACHE, and takes TMPDIR. Nothing of
it is secret.
"""

import json
import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agents.runtime.config import ConfigError
from agents.runtime.engine.seats import SEATS
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure

DEFAULT_COMMAND: Final = "node /opt/openclaw/openclaw.mjs"
DEFAULT_UID: Final = 65532
DEFAULT_BASE: Final = "/tmp"  # noqa: S108 - its folders there are private


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """`uid` is the first of the users that the engine may run as; None: ours, which was allowed in so many words.

    In `base`, which is like /tmp, each run has its folder. `compile_cache` is a folder that `compile_cache.fill` made.
    Of all engines on this machine with the same first user, `seats` run at a time.
    """

    command: tuple[str, ...]
    uid: int | None
    base: Path
    compile_cache: Path | None = None
    seats: int = SEATS


def read_engine_settings(environ: Mapping[str, str]) -> EngineSettings:
    """The settings in `environ`.

    Raises ConfigError when the engine could only run as the user that we are and ENGINE_SAME_UID=allowed is not set:
    it could then read our memory and environment, and with them the customer's tokens.
    """
    problems = []
    command = _words(environ.get("ENGINE_COMMAND", "").strip() or DEFAULT_COMMAND)
    if not command:
        problems.append("ENGINE_COMMAND must be a command line")
    uid = environ.get("ENGINE_UID", "").strip() or str(DEFAULT_UID)
    if not (uid.isascii() and uid.isdigit() and 0 < int(uid) < 2**31):
        problems.append("ENGINE_UID must be the number of a user other than root")
    same_uid = environ.get("ENGINE_SAME_UID", "").strip() == "allowed"
    if not same_uid and os.geteuid() != 0:
        problems.append("ENGINE_SAME_UID is not `allowed`, and without root the engine can't run as another user")
    cache = environ.get("ENGINE_COMPILE_CACHE", "").strip()
    if cache and not (Path(cache).is_absolute() and Path(cache).is_dir()):
        problems.append("ENGINE_COMPILE_CACHE must be the full path of a folder that is there")
    seats = environ.get("ENGINE_SEATS", "").strip() or str(SEATS)
    if not (seats.isascii() and seats.isdigit() and 1 <= int(seats) <= SEATS):
        problems.append(f"ENGINE_SEATS must be a number from 1 to {SEATS}")
    if problems:
        raise ConfigError(problems)
    base = Path(environ.get("TMPDIR", "").strip() or DEFAULT_BASE)
    return EngineSettings(
        command=command,
        uid=None if same_uid else int(uid),
        base=base,
        compile_cache=Path(cache) if cache else None,
        seats=int(seats),
    )


def resolve_command(settings: EngineSettings) -> list[str]:
    """The command with its program's full path. Raises Failure(ENGINE_MISSING)."""
    program = shutil.which(settings.command[0])
    if program is None:
        raise Failure(Exit.ENGINE_MISSING, "the program of ENGINE_COMMAND was not found")
    if any(not Path(word).exists() for word in settings.command[1:] if word.startswith("/")):
        raise Failure(Exit.ENGINE_MISSING, "a file that ENGINE_COMMAND names was not found")
    return [str(Path(program).absolute()), *settings.command[1:]]


def installed_version(settings: EngineSettings) -> str | None:
    """The version in the package.json beside the engine's script; None when there is none."""
    for word in reversed(settings.command):
        try:
            found = json.loads(Path(word).with_name("package.json").read_text())
        except (OSError, ValueError):
            continue
        return str(found["version"]) if isinstance(found, dict) and "version" in found else None
    return None


def _words(line: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(line))
    except ValueError:
        return ()
