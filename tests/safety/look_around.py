"""A program in the engine's place: what can it read with the engine's user and rights?

Run by path with `python -I -S`, as root. Reads JSON on stdin: `uid` to become, `words` to look for, the `supervisor`'s
process id, `folders` to go through. Prints JSON: `found`, the files in which a word stands with the word's number, and
`reached`, the doors to the supervisor that opened.
"""

import ctypes
import json
import os
import sys
from pathlib import Path

PR_SET_NO_NEW_PRIVS = 38
PTRACE_ATTACH = 16
LONGEST_BYTES = 4 * 2**20
# Of each process. Its memory is tried with the supervisor's only.
OF_A_PROCESS = ("environ", "cmdline", "comm", "status", "maps", "mountinfo", "auxv", "stack")


def main() -> None:
    work = json.load(sys.stdin)
    become(work["uid"])
    words = [word.encode() for word in work["words"]]
    paths = [entry / name for entry in Path("/proc").glob("[0-9]*") for name in OF_A_PROCESS]
    for folder in work["folders"]:
        paths += [Path(place) / name for place, _, names in os.walk(folder) for name in names]
    found = [[str(path), number] for path in paths for number in standing_in(path, words)]
    json.dump({"found": found, "reached": reached(work["supervisor"])}, sys.stdout)


def become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def standing_in(path: Path, words: list[bytes]) -> list[int]:
    try:
        if path.is_symlink() or not path.is_file():
            return []
        with path.open("rb") as file:
            content = file.read(LONGEST_BYTES)
    except OSError:
        return []
    return [number for number, word in enumerate(words) if word in content]


def reached(pid: int) -> list[str]:
    process = Path(f"/proc/{pid}")
    doors = {
        "environ": lambda: (process / "environ").read_bytes(),
        "mem": lambda: (process / "mem").open("rb").close(),
        "maps": lambda: (process / "maps").read_bytes(),
        "fd": lambda: list((process / "fd").iterdir()),
        "cwd": lambda: list((process / "cwd").iterdir()),
        "root": lambda: list((process / "root").iterdir()),
        "signal": lambda: os.kill(pid, 0),
        "ptrace": lambda: attach(pid),
    }
    return [name for name, door in doors.items() if opens(door)]


def attach(pid: int) -> None:
    if ctypes.CDLL(None, use_errno=True).ptrace(PTRACE_ATTACH, pid, None, None) != 0:
        raise PermissionError


def opens(door) -> bool:
    try:
        door()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
