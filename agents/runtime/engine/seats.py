"""As whom and where an engine runs: a user and a folder that no other engine on this machine has at the time.

Owns the choice. In a task there is one engine and it always gets the first seat, so the folder's path, which stands in
every call to the model, is the same from run to run and the model's cache knows it. Where many agents share a machine
each takes the next: two customers' engines never are the same user.
"""

import contextlib
import os
import pwd
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agents.runtime.exits import Exit
from agents.runtime.failures import Failure

SEATS: Final = 64
# A 16-bit -1, which some systems take for "no user".
_NO_USER: Final = 65535


@dataclass(frozen=True, slots=True)
class Seat:
    """`uid` None: our own user. The folder is not there yet; making and removing it is the launcher's."""

    uid: int | None
    folder: Path


@contextlib.contextmanager
def taken_seat(first_uid: int | None, *, base: Path) -> Iterator[Seat]:
    """A free seat with its folder in `base`, ours until the end of the block or of the process.

    Raises Failure when there is none.
    """
    for number in range(SEATS):
        uid = None if first_uid is None else first_uid + number
        if uid is not None and number and not _is_nobodys(uid):
            continue
        name = str(uid) if uid is not None else f"{os.geteuid()}-{number}"
        with _held(f"openclaw-engine-{name}") as held:
            if held:
                yield Seat(uid=uid, folder=base / f"openclaw-engine-{name}")
                return
    raise Failure(Exit.ENGINE_FAILED, f"all {SEATS} users for engines are taken", retryable=True)


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
