"""The customer's mailbox, read through Gmail's API with an access token that lives in memory only.

Owns authorisation, which messages are looked at and how Google's errors become ours. Every request names
CUSTOMER_EMAIL as the mailbox instead of `me`: Google then refuses a token of any other account by itself
("Delegation denied", 403), on every call and without a call spent on asking whose token it is.
"""

from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPException
from typing import Any, TypeVar

import httplib2
from google.auth.exceptions import RefreshError, TransportError
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp, Request  # type: ignore[import-untyped]
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from agents.runtime.exits import Exit
from agents.runtime.failures import Failure
from agents.runtime.gmail_errors import from_http_error, from_refresh_error
from agents.runtime.messages import HEADERS, Message, message_from
from agents.runtime.meter import Meter
from agents.runtime.retry import Patience, Transient
from agents.runtime.secret import GmailSecret

T = TypeVar("T")

READ_SCOPE = "https://www.googleapis.com/auth/gmail.readonly"
CALL_TIMEOUT_SECONDS = 6.0
PAGE_SIZE = 50
MOST_PAGES = 4


class Mailbox:
    """One customer's mailbox; every request and fetched message is counted on the meter.

    Keeps its connections to Google open between calls until it is closed. Not safe to share between threads.
    """

    def __init__(self, *, secret: GmailSecret, address: str, endpoint: str, meter: Meter) -> None:
        self._meter = meter
        self._address = address
        self._credentials = Credentials(
            token=None,
            refresh_token=secret.refresh_token,
            token_uri=secret.token_uri,
            client_id=secret.client_id,
            client_secret=secret.client_secret,
            scopes=[READ_SCOPE],
        )
        self._http = httplib2.Http(timeout=CALL_TIMEOUT_SECONDS)
        service = build(
            "gmail",
            "v1",
            http=AuthorizedHttp(self._credentials, http=self._http),
            cache_discovery=False,
            static_discovery=True,
            client_options={"api_endpoint": endpoint},
        )
        self._messages = service.users().messages()

    def close(self) -> None:
        """Afterwards no connection to Google is open. Safe to repeat."""
        self._http.close()

    def authorise(self, patience: Patience) -> None:
        """Afterwards there is a valid access token that may read mail.

        Asks Google only when the last one ran out. Raises Failure: TOKEN_REVOKED, GMAIL_REFUSED,
        GMAIL_UNREACHABLE.
        """
        if self._credentials.valid:
            return
        patience.call(guarded(partial(self._credentials.refresh, Request(self._http))))
        granted = self._credentials.granted_scopes
        if granted is not None and READ_SCOPE not in granted:
            raise Failure(Exit.GMAIL_REFUSED, "the permission to read mail was not granted")

    def pages(self, patience: Patience, *, most_pages: int = MOST_PAGES) -> Iterator[list[str]]:
        """Ids of the inbox's messages, newest first, in pages of 50; one call a page, made when it is taken.

        Raises Failure: GMAIL_REFUSED when the token is of another account, and as `authorise`.
        """
        token: str | None = None
        for _ in range(most_pages):
            request = self._messages.list(
                userId=self._address, labelIds=["INBOX"], maxResults=PAGE_SIZE, pageToken=token
            )
            answer = patience.call(guarded(partial(self._execute, request)))
            yield [str(entry["id"]) for entry in answer.get("messages") or []]
            token = answer.get("nextPageToken")
            if not token:
                return

    def message(self, gmail_id: str, patience: Patience) -> Message | None:
        """One message without its body, or None when it was deleted since it was listed. One call.

        Raises Failure as `pages`.
        """
        request = self._messages.get(
            userId=self._address,
            id=gmail_id,
            format="metadata",
            metadataHeaders=list(HEADERS),
            fields="id,threadId,labelIds,snippet,internalDate,payload/headers",
        )

        def fetch() -> Message | None:
            try:
                message = message_from(self._execute(request))
            except HttpError as error:
                if error.status_code == 404:
                    return None
                raise
            self._meter.messages_read += 1
            return message

        return patience.call(guarded(fetch))

    def _execute(self, request: Any) -> dict[str, Any]:
        self._meter.gmail_calls += 1
        answer = request.execute()
        if not isinstance(answer, dict):
            raise Transient("Gmail's answer is not an object")
        return answer


def guarded(operation: Callable[[], T]) -> Callable[[], T]:
    """`operation` with the libraries' exceptions in our words: Failure, or Transient for what may pass."""

    def call() -> T:
        try:
            return operation()
        except HttpError as error:
            raise from_http_error(error) from error
        except RefreshError as error:
            raise from_refresh_error(error) from error
        except (TransportError, httplib2.HttpLib2Error, HTTPException, OSError, ValueError) as error:
            # ValueError: a body that is not JSON, as overloaded gateways send with status 200.
            raise Transient(f"Gmail unreachable: {type(error).__name__}") from error

    return call
