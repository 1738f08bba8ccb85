"""Which loopback ports the world uses. Owns picking free ones and saying clearly that one is taken."""

import dataclasses
import errno
import random
import socket
from dataclasses import dataclass

from .errors import DevstackError

HOST = "127.0.0.1"
DEFAULT_WEB_PORT = 8000

# Below Linux's range for outgoing connections (32768 up), so that nobody's client socket takes a port
# between our finding it free and the part's listening on it.
RANGE = range(20_000, 32_000)


@dataclass(frozen=True, kw_only=True)
class Ports:
    """One port a part, all on 127.0.0.1. `web` is where the caller's web process will listen, not ours."""

    postgres: int
    redis: int
    aws: int
    google: int
    stripe: int
    model: int
    agents: int  # credentials and metadata of the tasks' containers
    web: int = DEFAULT_WEB_PORT

    @classmethod
    def free(cls, *, web: int | None = DEFAULT_WEB_PORT, within: range = RANGE, **fixed: int) -> "Ports":
        """Ports that were free a moment ago; name=port keeps one as asked, web=None picks that one too.

        Who starts several worlds at a time gives each a range of its own, so that none takes what another has found.
        """
        chosen = dict(fixed)
        if web is not None:
            chosen["web"] = web
        for field in dataclasses.fields(cls):
            if field.name not in chosen:
                chosen[field.name] = free_port(taken=set(chosen.values()), within=within)
        return cls(**chosen)


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def require_free(port: int, *, part: str, field: str) -> None:
    """Return when the port is free; raise DevstackError, with what to do, when it is not."""
    if not is_free(port):
        raise DevstackError(
            f"Port {port} on {HOST}, wanted for {part}, is taken.",
            f"Stop what listens there (`ss -ltnp 'sport = :{port}'`) or start with another {field} port.",
        )


def free_port(*, taken: set[int], within: range = RANGE) -> int:
    """A loopback port that was free a moment ago and is none of `taken`."""
    picker = random.SystemRandom()
    for _ in range(200):
        port = picker.choice(within)
        if port not in taken and is_free(port):
            return port
    raise DevstackError("No free port found on 127.0.0.1.", "Stop some of the servers that run here.")
