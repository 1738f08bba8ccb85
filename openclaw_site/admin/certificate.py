"""The closing certificate as people read it: what each step of the offboarding found and deleted, in words.

Owns the words; the facts are `tenants.onboarding.progress.closing_certificate`'s.
"""

from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from tenants.models import Provisioning
from tenants.onboarding.progress import closing_certificate
from tenants.onboarding.registry import step_title

# The thing before what is said of it: the database keeps a JSON object's keys in an order of its own.
_ORDER: Final = ("agents", "schema", "prefix", "secret", "deletes_at", "revoked_at_google")


def certificate(run: Provisioning) -> dict[str, Any]:
    """The certificate of a finished offboarding, with a row a step in the order in which they were undone."""
    facts = closing_certificate(provisioning=run)
    until: datetime | None = facts["secret_restorable_until"]
    finished = {step.name: step.finished_at for step in run.steps.all()}
    rows = [
        {"title": step_title(name), "found": said(found), "at": finished.get(name)}
        for name, found in facts["deleted"].items()
    ]
    return {
        **facts,
        "rows": rows,
        "requested_by": run.requested_by,
        "is_restorable": bool(until and until > timezone.now()),
    }


def said(found: dict[str, Any]) -> list[str]:
    """What one step found, a phrase a thing; empty when it found nothing. What nobody foresaw is said by its name."""
    keys = [*(key for key in _ORDER if key in found), *(key for key in found if key not in _ORDER)]
    return [phrase for key in keys if (phrase := _phrase(key, found[key]))]


def _phrase(key: str, value: Any) -> str:
    match key, value:
        case "agents", int():
            return _many(value, "agent")
        case "runs", int():
            return f"records of {_many(value, 'run')}"
        case "strays", int():
            return f"{_many(value, 'task')} without a record, stopped" if value else ""
        case "revoked_at_google", True:
            return "permission revoked at Google"
        case "revoked_at_google", _:
            return "permission not revoked at Google: it did not answer, or another customer uses the same account"
        case "outbox_rows", int():
            return f"{_many(value, 'token')} on the way to Secrets Manager"
        case "deletes_at", str():
            return f"restorable until {datetime.fromisoformat(value):%Y-%m-%d %H:%M} UTC"
        case "object_versions", int():
            return _many(value, "object version")
        case "rows", dict():
            rows = ", ".join(f"{table} {number}" for table, number in sorted(value.items()))
            return f"rows: {rows}" if rows else "no rows"
        case (("schema" | "secret" | "prefix" | "role"), str()):
            return f"{key} {value}"
    return f"{key.replace('_', ' ')}: {value}"


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
