"""Plain builders for the runtime's tests: an environment, a configuration, a tenant's names."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from agents.runtime.config import Config, read_config
from agents.runtime.messages import Message
from openclaw_site.devstack.model import MODEL_ID
from tests.engines import quick_engine_command, same_uid_allowed

TENANT = "0123456789abcdef0123456789abcdef"
ADDRESS = "owner@acme.example"


def make_environ(tenant: str = TENANT, **changes: str | None) -> dict[str, str]:
    """A complete environment of an agent task; a change to None leaves the name out."""
    environ: dict[str, str | None] = {
        "TENANT_ID": tenant,
        "CUSTOMER_EMAIL": ADDRESS,
        "AGENT_ROLE": "butler",
        "AGENT_RUN_ID": str(uuid.uuid4()),
        "AGENT_MODE": "once",
        "TENANT_SCHEMA": f"t_{tenant}",
        "DATABASE_USER": f"t_{tenant}",
        "GMAIL_SECRET_NAME": f"/openclaw/{tenant}/gmail-oauth",
        "STORAGE_PREFIX": f"{tenant}/",
        "DATABASE_HOST": "127.0.0.1",
        "DATABASE_PORT": "5432",
        "DATABASE_NAME": "openclaw",
        "DATABASE_SSLMODE": "disable",
        "AWS_REGION": "eu-west-1",
        "AGENT_BUCKET": "openclaw-dev-agents",
        "HEALTH_PORT": "0",
        "MODEL_ID": MODEL_ID,
        "MODEL_ENDPOINT": "http://127.0.0.1:9",
        "MODEL_BUDGET_MICRO_USD": "5000000",
        "ENGINE_COMMAND": quick_engine_command(),
        **same_uid_allowed(),
        **changes,
    }
    return {name: value for name, value in environ.items() if value is not None}


def make_config(tenant: str = TENANT, **changes: str | None) -> Config:
    return read_config(make_environ(tenant, **changes))


def make_message(number: int, **changes: object) -> Message:
    """The message `m<number>` of thread `t<number>`, newer than all with lower numbers; its texts hold `hush`."""
    values: dict[str, object] = {
        "gmail_id": f"m{number}",
        "thread_id": f"t{number}",
        "sender": f"Sender-hush {number} <s{number}@example.org>",
        "recipient": ADDRESS,
        "subject": f"Subject-hush {number}",
        "snippet": f"Snippet-hush {number}",
        "label_ids": ["INBOX"],
        "received_at": datetime(2023, 11, 14, tzinfo=UTC) + timedelta(minutes=number),
        **changes,
    }
    return Message(**values)  # type: ignore[arg-type]
