"""As whom and where an engine runs: a user and a folder that no other engine on this machine has at the time.

Owns the choice. In a task there is one engine and it always gets the first seat, so the folder's path, which stands in
every call to the model, is the same from run to run and the model's cache knows it. Where many agents share a machine
each takes the next: two customers' engines never are the same user. Where too many at a time would be too much for
the machine, ENGINE_SEATS says how many may run; the others wait.
"""

import contextlib
import os
import pwd
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, count, islice
from pathlib import Path
from typing import Final

from agents.runtime.exits import Exit
from agents.runtime.failures import Failure, Stopped

SEATS: Final = 64
# Longer than a turn.
WAIT_SECONDS: Final = 240.0
_LOOK_SECONDS: Final = 0.2
# A 16-bit -1, which some systems take for "no user".
_NO_USER: Final = 65535


@dataclass(frozen=True, slots=True)
class Seat:
    """`uid` None: our own user. The folder is not there yet; making and removing it is the launcher's."""

    uid: int | None
    folder: Path


@contextlib.contextmanager
def taken_seat(
    first_uid: int | None, *, base: Path, seats: int = SEATS, pause: Callable[[float], object] = time.sleep
) -> Iterator[Seat]:
    """One of `seats` seats with its folder in `base`, ours until the end of the block or of the process.

    Waits while all are taken. `pause(seconds)` waits and may say that we were told to stop: then Stopped is raised.
    Raises Failure when none became free in WAIT_SECONDS.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        for uid, name in _seats(first_uid, seats):
            with _held(f"openclaw-engine-{name}") as held:
                if held:
                    yield Seat(uid=uid, folder=base / f"openclaw-engine-{name}")
                    return
        if time.monotonic() > deadline:
            raise Failure(Exit.ENGINE_FAILED, f"all {seats} seats for engines stayed taken", retryable=True)
        if pause(_LOOK_SECONDS):
            raise Stopped


def _seats(first_uid: int | None, seats: int) -> Iterator[tuple[int | None, str]]:
    """The user of each seat, and its name."""
    if first_uid is None:
        yield from ((None, f"{os.geteuid()}-{number}") for number in range(seats))
        return
    others = (uid for uid in count(first_uid + 1) if _is_nobodys(uid))
    yield from ((uid, str(uid)) for uid in chain((first_uid,), islice(others, seats - 1)))


def _is_nobodys(uid: int) -> bool:
    if uid == _NO_USER:
        return False
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return True
    return False


@contextlib.contextmanager
def _held(name: str) -> Iterator[bool]:
    """Whether the name is ours. An abstract socket: nothing on disk, and the kernel lets go when we die."""
    if sys.platform != "linux":
        yield True
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as holder:
        try:
            holder.bind(f"\0{name}")
        except OSError:
            yield False
        else:
            yield True
