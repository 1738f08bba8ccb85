"""The way out, where there is a wall: one proxy, which lets known hosts pass and asks for a token.

Owns the variables EGRESS_PROXY, EGRESS_TOKEN and EGRESS_MODEL, and the forms in which libraries take a proxy. Unset
there is no wall and every call goes straight. AWS's own services and the database are inside the wall and never go
this way. The token is the supervisor's: it is taken out of the environment once read, and no engine is given it.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from agents.runtime.config import ConfigError

TOKEN_NAME: Final = "EGRESS_TOKEN"  # noqa: S105 a variable's name
# The proxy looks at the token alone; a name has to stand before it.
USER: Final = "agent"


@dataclass(frozen=True, slots=True)
class EgressProxy:
    """Where the proxy is, and what it asks for. `for_model` says whether the model is reached by it too."""

    host: str
    port: int
    for_model: bool
    token: str = field(repr=False)

    @property
    def url(self) -> str:
        """Its address, without the token."""
        return f"http://{self.host}:{self.port}"

    def for_httplib2(self) -> Any:
        """As Gmail's client takes it."""
        import httplib2
        import socks

        return httplib2.ProxyInfo(socks.PROXY_TYPE_HTTP, self.host, self.port, proxy_user=USER, proxy_pass=self.token)

    def for_httpx(self) -> Any:
        """As the bridge's client takes it."""
        import httpx

        return httpx.Proxy(self.url, auth=(USER, self.token))


def read_egress(environ: Mapping[str, str]) -> EgressProxy | None:
    """The proxy, None where there is no wall. Raises ConfigError with one line for each variable that is not usable."""
    address, token = environ.get("EGRESS_PROXY", "").strip(), environ.get(TOKEN_NAME, "").strip()
    way = environ.get("EGRESS_MODEL", "").strip() or "direct"
    if not address:
        return None
    parts = urlsplit(address)
    problems = []
    if parts.scheme != "http" or not parts.hostname or _port(address) is None or parts.username is not None:
        problems.append("EGRESS_PROXY must be http://host:port")
    if not token:
        problems.append(f"{TOKEN_NAME} is missing")
    if way not in {"proxy", "direct"}:
        problems.append("EGRESS_MODEL must be proxy or direct")
    if problems:
        raise ConfigError(problems)
    return EgressProxy(parts.hostname or "", _port(address) or 0, way == "proxy", token)


def forget_token(environ: MutableMapping[str, str]) -> None:
    """The token stands in the environment no more. Safe to repeat."""
    environ.pop(TOKEN_NAME, None)


def _port(address: str) -> int | None:
    try:
        return urlsplit(address).port
    except ValueError:
        return None
