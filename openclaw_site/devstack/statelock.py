"""One world a state folder: a lock that the system takes away when its holder ends, however it ends."""

import fcntl
import os
from pathlib import Path
from typing import IO

from .errors import DevstackError


class StateLock:
    """Held between acquire() and release()."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """DevstackError, naming the holder's process, when another world uses the folder."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
            file.close()
            raise DevstackError(
                f"A world already runs on {self._path.parent} (process {holder}).",
                "Stop it with Ctrl-C in its terminal, or use another state folder.",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    @property
    def held(self) -> bool:
        return self._file is not None

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None
