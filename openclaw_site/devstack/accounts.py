"""As whom PostgreSQL runs, since it refuses root, and where that user can reach files."""

import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path

from .errors import DevstackError
from .processes import Account
from .proctable import born_at

_PREFIX = "openclaw-postgres-"
_CANDIDATES = ("postgres", "nobody")


def unprivileged_account() -> Account | None:
    """Whom to run as: None (ourselves) unless we are root, then a system user without rights."""
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise DevstackError(
        "PostgreSQL refuses to run as root and there is no user `nobody` to run it as.",
        "Run this as an ordinary user.",
    )


def can_reach(path: Path, account: Account | None) -> bool:
    """Whether the account may enter every folder down to and including `path` (or read it, for a file)."""
    if account is None:
        return True
    return all(_may_enter(part, account) for part in [path, *path.parents])


def place_for(account: Account | None, preferred: Path) -> Path:
    """An empty folder of the account's own: `preferred`, or a temporary one if it can't get there."""
    folder = preferred
    if can_reach(preferred.parent, account):
        shutil.rmtree(preferred, ignore_errors=True)
        preferred.mkdir(parents=True, mode=0o700)
    else:
        _remove_orphans(account)
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    if account:
        os.chown(folder, account.uid, account.gid)
    return folder


def _remove_orphans(account: Account | None) -> None:
    """Delete temporary folders whose world was killed and whose state folder may never be used again."""
    owner = account.uid if account else os.geteuid()
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and born_at(int(pid)) is None and folder.stat().st_uid == owner:
            shutil.rmtree(folder, ignore_errors=True)


def _may_enter(path: Path, account: Account) -> bool:
    status = path.stat()
    wanted = stat.S_IXOTH if stat.S_ISDIR(status.st_mode) else stat.S_IROTH
    shift = 6 if status.st_uid == account.uid else 3 if status.st_gid == account.gid else 0
    return bool(status.st_mode & (wanted << shift))
