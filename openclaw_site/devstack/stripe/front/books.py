"""What the front keeps itself: subscriptions, invoices, events, and what emulate drops. Knows no HTTP."""

import copy
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

API_VERSION = "2026-10-28.endive"


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


class Books:
    """All of it since the start of the world; hold `lock` while changing what belongs together.

    `clock` gives the seconds that Stripe thinks it is; `told` gets every event once, in order.
    """

    def __init__(self, *, url: str, told: Callable[[Json], None]) -> None:
        self.url = url
        self.lock = threading.RLock()
        self.clock: Callable[[], float] = time.time
        self.extras: dict[str, Json] = {}  # fields of emulate's objects that it has not, by the object's id
        self.checkouts: dict[str, Json] = {}  # what a session will become, by its id
        self.subscriptions: dict[str, Json] = {}
        self.invoices: dict[str, Json] = {}
        self.waiting_lines: dict[str, list[Json]] = {}  # prorations for the next invoice, by subscription
        self.portal_sessions: dict[str, Json] = {}
        self.events: dict[str, Json] = {}
        self._told = told

    def now(self) -> int:
        return int(self.clock())

    def remember(self, id: str, **fields: Any) -> None:
        """These fields belong to an object of emulate's from now on."""
        with self.lock:
            self.extras.setdefault(id, {}).update(fields)

    def emit(self, type: str, thing: Json, *, before: Json | None = None) -> Json:
        """An event about `thing` as it is now happens; `before` is what it was, for an update."""
        data: Json = {"object": copy.deepcopy(thing)}
        if before is not None:
            data["previous_attributes"] = {name: value for name, value in before.items() if value != thing.get(name)}
        event: Json = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": type,
        }
        with self.lock:
            self.events[event["id"]] = event
            self._told(event)
        return event
