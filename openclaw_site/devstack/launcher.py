"""Becomes another program that dies with the process that wanted it.

Run by path with `python -I -S`, before anything else is imported, so it stands on the standard library
alone: `launcher.py DEATH_SIGNAL PARENT_PID UID GID PROGRAM ARGUMENT...` (UID and GID -1: keep ours).
On Linux the kernel sends DEATH_SIGNAL when the thread that started us ends, even by SIGKILL; elsewhere that
one guarantee is missing. It comes after the change of user, which would clear it.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> None:
    death_signal, parent, uid, gid = (int(value) for value in argv[1:5])
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            sys.exit(1)
    os.execv(argv[5], argv[5:])  # noqa: S606 - replacing ourselves is the point


main(sys.argv)
