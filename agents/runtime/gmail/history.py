"""What Gmail's history says of the inbox.

Owns the reading of `users.history.list` answers; the calls are `mailbox`'s. Records come oldest first, and each may
tell of several messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

INBOX = "INBOX"
# labelAdded: a filter or a person moves a message into the inbox later. messageDeleted: saves the call for it.
HISTORY_TYPES = ("messageAdded", "labelAdded", "messageDeleted")
FIELDS = (
    "historyId,nextPageToken,history(id,messagesAdded(message(id,labelIds)),"
    "labelsAdded(labelIds,message(id)),messagesDeleted(message(id)))"
)
# The most that Gmail gives. Source: reference of users.history.list.
PAGE_SIZE = 500
MOST_PAGES = 4


@dataclass(frozen=True, slots=True)
class News:
    """The inbox's new messages, oldest first, and the history id from which to go on once they are dealt with.

    `more`: there is more history than one look takes; `history_id` lies where this look ended.
    """

    gmail_ids: list[str]
    history_id: str
    more: bool = False


@dataclass(slots=True)
class Reading:
    """Pages of history as they are read. `history_id` is where the reading began."""

    history_id: str
    _new: dict[str, None] = field(default_factory=dict)
    _current: str = ""
    _last_record: str = ""

    def add(self, page: Mapping[str, Any]) -> None:
        """Takes the next page in."""
        # The first page's: what comes in while the others are read is left for the next look.
        self._current = self._current or str(page.get("historyId") or "")
        for record in page.get("history") or []:
            self._last_record = str(record.get("id") or self._last_record)
            self._take(record)

    def news(self, *, more: bool) -> News:
        """What was read; `more` when pages were left."""
        end = self._last_record if more else self._current
        return News(gmail_ids=list(self._new), history_id=end or self.history_id, more=more)

    def _take(self, record: Mapping[str, Any]) -> None:
        for change in record.get("messagesAdded") or []:
            labels = change["message"].get("labelIds")
            if labels is None or INBOX in labels:
                self._new.setdefault(str(change["message"]["id"]))
        for change in record.get("labelsAdded") or []:
            if INBOX in (change.get("labelIds") or []):
                self._new.setdefault(str(change["message"]["id"]))
        for change in record.get("messagesDeleted") or []:
            self._new.pop(str(change["message"]["id"]), None)
