"""The supervisor's own defences, for the day that the engine runs something of its own."""

import ctypes
import sys

_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38


def harden_supervisor() -> None:
    """Afterwards no other process without capabilities reads our memory or environment, not even as our own user, and
    no program that we start gains rights by a set-user-id bit. Linux only; for good; safe to repeat.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
