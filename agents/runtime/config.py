"""The agent's environment, read once and checked as a whole.

Owns the names, forms and defaults of the variables. Whether they belong to the same customer is `identity`'s
question. libpq's own variables (PGSSLROOTCERT for the database's certificate authority) and boto3's are left
to those libraries.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

ROLES = ("butler", "scout", "writer")
MODES = ("once", "loop")
SSLMODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
GMAIL_API = "https://gmail.googleapis.com"


class ConfigError(Exception):
    """The environment is incomplete or not valid; `problems` has one line for each name."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Config:
    """One agent of one customer; times in seconds."""

    tenant_id: str
    customer_email: str = field(repr=False)
    agent_role: str
    agent_run_id: UUID
    agent_mode: str
    tenant_schema: str
    gmail_secret_name: str
    storage_prefix: str
    agent_bucket: str
    aws_region: str
    database_host: str
    database_port: int
    database_name: str
    database_user: str
    database_sslmode: str
    gmail_api_endpoint: str
    health_port: int
    loop_seconds: int
    task_metadata_uri: str

    @property
    def tenant_uuid(self) -> UUID:
        """The customer's id in the form of the database's uuid columns."""
        return UUID(hex=self.tenant_id)


def safe_origin(url: str) -> bool:
    """Whether a token may be sent to this address: https, or plain http that never leaves the machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return bool(host)
    return parts.scheme == "http" and (host == "localhost" or _is_loopback(host))


def read_config(environ: Mapping[str, str]) -> Config:
    """The configuration in `environ`.

    Raises ConfigError naming every missing or invalid variable at once. Values are left out of the message.
    """
    reader = _Reader(environ)
    values: dict[str, Any] = {
        "tenant_id": reader.take("TENANT_ID", _hex_id, "32 lower-case hexadecimal digits"),
        "customer_email": reader.take("CUSTOMER_EMAIL", _email, "an e-mail address"),
        "agent_role": reader.take("AGENT_ROLE", _one_of(ROLES), f"one of {', '.join(ROLES)}"),
        "agent_run_id": reader.take("AGENT_RUN_ID", UUID, "a UUID"),
        "agent_mode": reader.take("AGENT_MODE", _one_of(MODES), f"one of {', '.join(MODES)}"),
        "tenant_schema": reader.take("TENANT_SCHEMA"),
        "gmail_secret_name": reader.take("GMAIL_SECRET_NAME"),
        "storage_prefix": reader.take("STORAGE_PREFIX"),
        "agent_bucket": reader.take("AGENT_BUCKET"),
        "aws_region": reader.take("AWS_REGION"),
        "database_host": reader.take("DATABASE_HOST"),
        "database_port": reader.take("DATABASE_PORT", _between(1, 65535), "a port number"),
        "database_name": reader.take("DATABASE_NAME"),
        "database_user": reader.take("DATABASE_USER"),
        "database_sslmode": reader.take("DATABASE_SSLMODE", _one_of(SSLMODES), "an sslmode of libpq"),
        "gmail_api_endpoint": reader.take(
            "GMAIL_API_ENDPOINT", _origin, "an https address (http on loopback only)", default=GMAIL_API
        ),
        "health_port": reader.take(
            "HEALTH_PORT", _between(0, 65535), "a port number, 0 for any free one", default="8080"
        ),
        "loop_seconds": reader.take("LOOP_SECONDS", _between(1, 86400), "1 to 86400 seconds", default="60"),
        "task_metadata_uri": environ.get("ECS_CONTAINER_METADATA_URI_V4", "").strip(),
    }
    if reader.problems:
        raise ConfigError(reader.problems)
    return Config(**values)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class _Reader:
    """Takes variables one by one and gathers what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def take(self, name: str, parse: Callable[[str], Any] = str, form: str = "", *, default: str = "") -> Any:
        raw = self._environ.get(name, "").strip() or default
        if not raw:
            self.problems.append(f"{name} is missing")
            return None
        try:
            return parse(raw)
        except ValueError:
            self.problems.append(f"{name} must be {form}")
            return None


def _hex_id(raw: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{32}", raw):
        raise ValueError
    return raw


def _email(raw: str) -> str:
    # Google compares addresses without case; one form keeps the logs of two runs alike.
    if not re.fullmatch(r"[^\s@/]+@[^\s@/]+", raw):
        raise ValueError
    return raw.lower()


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw not in choices:
            raise ValueError
        return raw

    return parse


def _between(low: int, high: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not raw.isascii() or not raw.isdigit() or not low <= int(raw) <= high:
            raise ValueError
        return int(raw)

    return parse


def _origin(raw: str) -> str:
    if not safe_origin(raw):
        raise ValueError
    return raw.rstrip("/")
