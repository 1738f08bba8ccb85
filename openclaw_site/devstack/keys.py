"""Passwords and keys of one state folder: made once and kept, so what they encrypted stays readable."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Keys:
    """Every value is URL-safe and needs no quoting in a dotenv file."""

    secret_key: str
    field_key: str  # a Fernet key
    postgres_password: str
    app_password: str
    owner_password: str
    google_client_secret: str
    stripe_secret_key: str
    stripe_webhook_secret: str

    @classmethod
    def load_or_make(cls, path: Path) -> "Keys":
        """The keys kept in `path` (mode 0600); those that it lacks, or all if it can't be read, are made."""
        kept = _read(path)
        keys = cls(**{**asdict(cls._make()), **kept})
        if kept.keys() != asdict(keys).keys():
            write_private(path, json.dumps(asdict(keys), indent=2))
        return keys

    @classmethod
    def _make(cls) -> "Keys":
        return cls(
            secret_key=secrets.token_urlsafe(50),
            field_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            postgres_password=secrets.token_hex(24),
            app_password=secrets.token_hex(24),
            owner_password=secrets.token_hex(24),
            google_client_secret=f"GOCSPX-{secrets.token_hex(14)}",
            stripe_secret_key=f"sk_test_{secrets.token_hex(24)}",
            stripe_webhook_secret=f"whsec_{secrets.token_hex(24)}",
        )


def _read(path: Path) -> dict[str, str]:
    """What a file of keys holds of those that there are now."""
    try:
        document = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(document, dict):
        return {}
    names = {field.name for field in fields(Keys)}
    return {name: str(value) for name, value in document.items() if name in names}


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)
