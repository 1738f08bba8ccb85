"""Webhooks on their way: one POST an event, in order, in a thread of its own; tried again when it is not taken."""

import heapq
import http.client
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from .books import Json

TIMEOUT_SECONDS = 5
# Stripe tries for three days; a world lives for minutes.
RETRY_AFTER_SECONDS = (0.25, 1.0, 3.0)


@dataclass(frozen=True)
class Delivery:
    """One attempt. `status` is None when nobody answered in time."""

    event_id: str
    type: str
    status: int | None


@dataclass(frozen=True, order=True)
class _Parcel:
    due: float
    number: int
    attempt: int
    event_id: str
    type: str
    payload: bytes


class Deliveries:
    """Posts events to one address. Setting `url` gives up what was still on its way to the old one."""

    def __init__(self, *, url: str, sign: Callable[[bytes], str], taken: Callable[[str], None]) -> None:
        self.attempts: deque[Delivery] = deque(maxlen=1000)
        self._url = url
        self._sign = sign
        self._taken = taken
        self._parcels: list[_Parcel] = []
        self._under_way = False
        self._number = 0
        self._changed = threading.Condition()
        self._running = False

    @property
    def url(self) -> str:
        return self._url

    @url.setter
    def url(self, url: str) -> None:
        with self._changed:
            self._url = url
            self._parcels.clear()
            self._changed.notify_all()

    def start(self) -> None:
        self._running = True
        threading.Thread(target=self._run, name="devstack-stripe-webhooks", daemon=True).start()

    def stop(self) -> None:
        """Nothing more is sent, beside a POST that is under way. Safe to repeat."""
        with self._changed:
            self._running = False
            self._parcels.clear()
            self._changed.notify_all()

    def send(self, event: Json) -> None:
        """Deliver it as it is now, soon."""
        self._put(event["id"], event["type"], json.dumps(event).encode(), attempt=0, after=0)

    def wait(self, timeout_seconds: float) -> bool:
        """Whether nothing is on its way any more, at last after this time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._parcels and not self._under_way, timeout_seconds)

    def _put(self, event_id: str, type: str, payload: bytes, *, attempt: int, after: float) -> None:
        with self._changed:
            self._number += 1
            parcel = _Parcel(time.monotonic() + after, self._number, attempt, event_id, type, payload)
            heapq.heappush(self._parcels, parcel)
            self._changed.notify_all()

    def _run(self) -> None:
        while parcel := self._next():
            url = self._url
            status = self._post(url, parcel.payload)
            self.attempts.append(Delivery(parcel.event_id, parcel.type, status))
            if status is not None and 200 <= status < 300:
                self._taken(parcel.event_id)
            elif parcel.attempt < len(RETRY_AFTER_SECONDS) and url == self._url:
                after = RETRY_AFTER_SECONDS[parcel.attempt]
                self._put(parcel.event_id, parcel.type, parcel.payload, attempt=parcel.attempt + 1, after=after)
            with self._changed:
                self._under_way = False
                self._changed.notify_all()

    def _next(self) -> _Parcel | None:
        """The first that is due, waited for; None when it is over."""
        with self._changed:
            while self._running:
                wait = self._parcels[0].due - time.monotonic() if self._parcels else None
                if wait is not None and wait <= 0:
                    self._under_way = True
                    return heapq.heappop(self._parcels)
                self._changed.wait(wait)
        return None

    def _post(self, url: str, payload: bytes) -> int | None:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": self._sign(payload),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            connection.request("POST", parts._replace(scheme="", netloc="").geturl() or "/", payload, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
