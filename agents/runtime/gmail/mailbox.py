"""The customer's mailbox, read through Gmail's API.

Owns the requests and what is kept of their answers for a tick. Every request names CUSTOMER_EMAIL as the mailbox
instead of `me`: Google then refuses a token of any other account by itself ("Delegation denied", 403), on every call
and without a call spent on asking whose token it is.
"""

from collections.abc import Iterator
from typing import Any

from agents.runtime.egress import EgressProxy
from agents.runtime.gmail import history
from agents.runtime.gmail.letters import FIELDS, Letter, Thread, bare_letter_from, letter_from, thread_of
from agents.runtime.gmail.line import Line
from agents.runtime.messages import Message
from agents.runtime.meter import Meter
from agents.runtime.retry import Patience
from agents.runtime.secret import GmailSecret

PAGE_SIZE = 50
MOST_PAGES = 4


class Mailbox:
    """One customer's mailbox; every request and fetched message is counted on the meter.

    Keeps its connections to Google open between calls until it is closed, and what it fetched until it is told to
    forget. Not safe to share between threads. Its calls raise Failure: GMAIL_REFUSED (also when the token is of
    another account), TOKEN_REVOKED, GMAIL_UNREACHABLE.
    """

    def __init__(
        self, *, secret: GmailSecret, address: str, endpoint: str, meter: Meter, proxy: EgressProxy | None = None
    ) -> None:
        self._line = Line(secret=secret, endpoint=endpoint, meter=meter, proxy=proxy)
        self._address = address
        self._meter = meter
        self._letters: dict[str, Letter | None] = {}
        self._threads: dict[str, Thread] = {}

    def close(self) -> None:
        """Afterwards no connection to Google is open. Safe to repeat."""
        self._line.close()

    def forget(self) -> None:
        """Afterwards messages and threads are asked for anew: to be called as a tick begins. Safe to repeat."""
        self._letters.clear()
        self._threads.clear()

    def authorise(self, patience: Patience) -> None:
        """Afterwards there is a valid access token that may read mail.

        Asks Google only when the last one ran out.
        """
        self._line.authorise(patience)

    def pages(
        self, patience: Patience, *, page_size: int = PAGE_SIZE, most_pages: int = MOST_PAGES
    ) -> Iterator[list[str]]:
        """Ids of the inbox's messages, newest first, in pages; one call a page, made when it is taken."""
        messages = self._line.users.messages()
        token: str | None = None
        for _ in range(most_pages):
            request = messages.list(userId=self._address, labelIds=["INBOX"], maxResults=page_size, pageToken=token)
            answer = self._line.ask(request, patience)
            yield [str(entry["id"]) for entry in answer.get("messages") or []]
            token = answer.get("nextPageToken")
            if not token:
                return

    def history_id(self, patience: Patience) -> str:
        """The mailbox's newest history id: what comes later is news since then. One call, the cheapest there is."""
        request = self._line.users.getProfile(userId=self._address, fields="historyId")
        return str(self._line.ask(request, patience).get("historyId") or "0")

    def since(self, history_id: str, patience: Patience) -> history.News | None:
        """What came into the inbox after that history id; None when Gmail does not know it any more.

        One call for each 500 changes to the inbox's messages, at most four; one when there are none.
        """
        reading = history.Reading(history_id)
        token: str | None = None
        for _ in range(history.MOST_PAGES):
            request = self._line.users.history().list(
                userId=self._address,
                startHistoryId=history_id,
                labelId=history.INBOX,
                historyTypes=list(history.HISTORY_TYPES),
                maxResults=history.PAGE_SIZE,
                fields=history.FIELDS,
                pageToken=token,
            )
            # Source: reference of users.history.list: 404 for an id that is too old; 400 is for what never was one.
            answer = self._line.ask_unless({400, 404}, request, patience)
            if answer is None:
                return None
            reading.add(answer)
            token = answer.get("nextPageToken")
            if not token:
                break
        return reading.news(more=bool(token))

    def message(self, gmail_id: str, patience: Patience) -> Message | None:
        """One message without its text, or None when it was deleted since it was listed. As `letter`."""
        letter = self.letter(gmail_id, patience)
        return letter.message if letter else None

    def body(self, gmail_id: str, patience: Patience) -> str:
        """A message's text, at most 12,000 characters with its notes; empty when it was deleted. As `letter`."""
        letter = self.letter(gmail_id, patience)
        return letter.body if letter else ""

    def seen(self, gmail_id: str) -> str:
        """A message's text if it was asked for since `forget`, else empty. Asks nobody."""
        letter = self._letters.get(gmail_id)
        return letter.body if letter else ""

    def letter(self, gmail_id: str, patience: Patience) -> Letter | None:
        """One message with its text, or None when there is none. One call, however often it is read until `forget`."""
        if gmail_id not in self._letters:
            # Format `full` costs as much of the quota as `metadata` and saves a second call for the text.
            messages = self._line.users.messages()
            request = messages.get(userId=self._address, id=gmail_id, format="full", fields=FIELDS)
            answer = self._line.ask_unless({404}, request, patience)
            self._letters[gmail_id] = self._letter(answer) if answer is not None else None
        return self._letters[gmail_id]

    def thread(self, thread_id: str, patience: Patience) -> Thread:
        """A conversation's newest messages with their texts, oldest first; empty when there is none.

        One call, however often it is read until `forget`; its messages need none of their own afterwards.
        """
        if thread_id not in self._threads:
            threads = self._line.users.threads()
            request = threads.get(userId=self._address, id=thread_id, format="full", fields=f"messages({FIELDS})")
            answer = self._line.ask_unless({404}, request, patience) or {}
            letters = [self._letter(resource) for resource in answer.get("messages") or []]
            self._letters.update({letter.message.gmail_id: letter for letter in letters})
            self._threads[thread_id] = thread_of(letters)
        return self._threads[thread_id]

    def _letter(self, resource: dict[str, Any]) -> Letter:
        self._meter.messages_read += 1
        try:
            return letter_from(resource)
        except Exception:  # A mail that failed the tick would fail every later one as well.
            return bare_letter_from(resource)
