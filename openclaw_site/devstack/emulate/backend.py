"""Calls from a front to emulate. Owns the HTTP; no rules."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..ports import HOST

TIMEOUT_SECONDS = 15
# These speak of one connection, or are set anew for the next one.
_NOT_FORWARDED = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "accept-encoding"}


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, document: Any, status: int = 200) -> "Answer":
        """A JSON answer."""
        body = json.dumps(document).encode()
        return cls(status, {"Content-Type": "application/json; charset=utf-8"}, body)

    @classmethod
    def redirect(cls, location: str) -> "Answer":
        return cls(302, {"Location": location}, b"")

    @classmethod
    def page(cls, html: str, status: int = 200) -> "Answer":
        return cls(status, {"Content-Type": "text/html; charset=utf-8"}, html.encode())

    def header(self, name: str) -> str:
        """A header's value, "" if it is not there."""
        return next((value for given, value in self.headers.items() if given.lower() == name.lower()), "")

    def json(self) -> Any:
        return json.loads(self.body)


class Backend:
    """One service of emulate, once `port` is known."""

    def __init__(self) -> None:
        self.port = 0

    def forward(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Emulate's answer to this request."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=TIMEOUT_SECONDS)
        try:
            sent = {name: value for name, value in headers.items() if name.lower() not in _NOT_FORWARDED}
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in _NOT_FORWARDED}
            return Answer(answer.status, kept, answer.read())
        finally:
            connection.close()

    def json(self, method: str, path: str, *, token: str, body: Any = None) -> Any:
        """A call of our own; ValueError when emulate refuses it."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        answer = self.forward(method, path, headers, json.dumps(body).encode() if body is not None else b"")
        if answer.status >= 400:
            raise ValueError(f"emulate answered {answer.status} to {method} {path.partition('?')[0]}")
        return answer.json() if answer.body else None
