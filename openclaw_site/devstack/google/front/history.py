"""`users.history.list` as Gmail answers it.

emulate knows no id that is too old or never was one, names the labels of a moment instead of the message's, and says
more of a message than Gmail does. Its records are taken as they are; choice, form and pages are made here.
"""

import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ...emulate.backend import Answer, Backend
from . import refusals

# Field of a record: the type that asks for it.
_TYPES = {
    "messagesAdded": "messageAdded",
    "messagesDeleted": "messageDeleted",
    "labelsAdded": "labelAdded",
    "labelsRemoved": "labelRemoved",
}
_MOST_RECORDS = 500


class Horizon:
    """How far back each account's history reaches. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._oldest: dict[str, int] = {}

    def expire(self, email: str, *, before: int) -> None:
        """Ids below are too old from now on."""
        with self._lock:
            self._oldest[email] = before

    def reaches(self, email: str, history_id: int) -> bool:
        with self._lock:
            return history_id >= self._oldest.get(email, 0)


def current_id(backend: Backend, token: str) -> str:
    """The mailbox's newest history id."""
    answer = backend.json("GET", "/gmail/v1/users/me/history?startHistoryId=1&maxResults=1", token=token)
    return str(answer["historyId"])


def listed(backend: Backend, horizon: Horizon, *, path: str, email: str, token: str) -> Answer:
    """GET of a mailbox's history."""
    asked = parse_qs(urlsplit(path).query)
    start = asked.get("startHistoryId", [""])[0]
    if not (start.isascii() and start.isdigit()):
        return refusals.BAD_HISTORY_ID
    if not set(asked.get("historyTypes", [])) <= set(_TYPES.values()):
        return refusals.BAD_HISTORY_TYPE
    if not horizon.reaches(email, int(start)):
        return refusals.NOT_FOUND
    records = [kept for record in _all(backend, start, token) if (kept := _chosen(record, asked))]
    offset, size = int(asked.get("pageToken", ["0"])[0]), int(asked.get("maxResults", ["100"])[0])
    end = offset + max(1, min(size, _MOST_RECORDS))
    answer: dict[str, Any] = {"historyId": current_id(backend, token)}
    if records[offset:end]:
        answer["history"] = records[offset:end]
    if end < len(records):
        answer["nextPageToken"] = str(end)
    return Answer.of(answer)


def _all(backend: Backend, start: str, token: str) -> Iterator[dict[str, Any]]:
    page_token = ""
    while True:
        query = f"startHistoryId={start}&maxResults={_MOST_RECORDS}&pageToken={page_token}"
        page = backend.json("GET", f"/gmail/v1/users/me/history?{query}", token=token)
        yield from page.get("history") or []
        page_token = page.get("nextPageToken") or ""
        if not page_token:
            return


def _chosen(record: Mapping[str, Any], asked: Mapping[str, list[str]]) -> dict[str, Any]:
    """The record with what was asked for; empty when that is nothing."""
    types = asked.get("historyTypes") or list(_TYPES.values())
    label = asked.get("labelId", [""])[0]
    kept: dict[str, Any] = {}
    for field, type_ in _TYPES.items():
        changes = [_change(change) for change in record.get(field) or [] if type_ in types and _has(change, label)]
        if changes:
            kept[field] = changes
    if not kept:
        return {}
    messages = {change["message"]["id"]: change["message"] for changes in kept.values() for change in changes}
    short = [{"id": message["id"], "threadId": message["threadId"]} for message in messages.values()]
    return {"id": record["id"], "messages": short, **kept}


def _has(change: Mapping[str, Any], label: str) -> bool:
    """Whether the message has the label now, or had it until this change."""
    return not label or label in change["message"]["labelIds"] or label in change.get("labelIds", [])


def _change(change: Mapping[str, Any]) -> dict[str, Any]:
    message = {name: change["message"][name] for name in ("id", "threadId", "labelIds")}
    return {**change, "message": message}
