"""Becomes the engine: gives up what the supervisor has, writes the engine's files as its user, runs the program.

Run by path with `python -I -S`, before anything else is imported, so it stands on the standard library alone. What to
do comes as JSON on stdin, which the engine never sees:

    {"do": "run", "uid", "folder", "parent", "files": {name: text}, "links": {name: target},
     "command": [...], "environment": {...}, "limits": {...}}
    {"do": "remove", "uid", "folder"}

Written by the engine's own user, the files need no change of owner: the supervisor has no capability for that. Ends
with one of the codes below when it can't do its part.
"""

import ctypes
import json
import os
import resource
import shutil
import signal
import stat
import sys
from pathlib import Path
from typing import Any

MISSING = 120
FOLDER_TAKEN = 121

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38


def main() -> int:
    """Does not return when the engine runs: this process is the engine then."""
    work = json.load(sys.stdin)
    folder = Path(work["folder"])
    become(work["uid"])
    try:
        if work["do"] == "remove":
            remove(folder)
            # The engine leaves these beside its own TMPDIR. Another user's are not ours to touch.
            if work["uid"] is not None:
                for leftover in ("openclaw", f"openclaw-state-locks-{os.getuid()}"):
                    remove(Path("/tmp") / leftover)  # noqa: S108 - where the engine puts it
            return 0
        remove(folder)
        write(folder, work["files"], work["links"])
    except OSError:
        return FOLDER_TAKEN
    if prepared(work, folder):
        os.execve(work["command"][0], work["command"], work["environment"])  # noqa: S606 - becoming it is the point
    return MISSING


def become(uid: int | None) -> None:
    """Another user for good, with no group but its own."""
    os.umask(0o077)
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def remove(folder: Path) -> None:
    """The folder is gone, if it is ours. Does not follow links."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return
    if found.st_uid == os.getuid() and stat.S_ISDIR(found.st_mode):
        shutil.rmtree(folder, ignore_errors=True)


def write(folder: Path, files: dict[str, str], links: dict[str, str]) -> None:
    """The folder is new and has these files and links; OSError when somebody else's stands in its place."""
    folder.mkdir(mode=0o700)
    for name in ("state", "tmp", "workspace"):
        (folder / name).mkdir()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name, target in links.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)


def prepared(work: dict[str, Any], folder: Path) -> bool:
    """Whether the program can be run; then its limits and its place are set."""
    command = work["command"]
    if not os.access(command[0], os.X_OK) or not all(os.access(word, os.R_OK) for word in command if word[:1] == "/"):
        return False
    for name, value in work["limits"].items():
        number = getattr(resource, name)
        hard = resource.getrlimit(number)[1]
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (least, least))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        # After the change of user, which would clear it. It comes when the thread that started us ends.
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != work["parent"]:  # it died before we asked
            return False
    os.chdir(folder / "workspace")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return True


if __name__ == "__main__":
    sys.exit(main())
