"""The way to Gmail: an access token that lives in memory only, and open connections.

Owns authorisation and the count of calls. What is asked is `mailbox`'s.
"""

from collections.abc import Collection
from functools import partial
from typing import Any

import httplib2
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp, Request  # type: ignore[import-untyped]
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from agents.runtime.egress import EgressProxy
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure
from agents.runtime.gmail.errors import guarded
from agents.runtime.meter import Meter
from agents.runtime.retry import Patience, Transient
from agents.runtime.secret import GmailSecret

READ_SCOPE = "https://www.googleapis.com/auth/gmail.readonly"
CALL_TIMEOUT_SECONDS = 6.0


class Line:
    """Requests to one account's Gmail, each counted on the meter. `users` is where they are made of."""

    def __init__(self, *, secret: GmailSecret, endpoint: str, meter: Meter, proxy: EgressProxy | None = None) -> None:
        self._meter = meter
        self._credentials = Credentials(
            token=None,
            refresh_token=secret.refresh_token,
            token_uri=secret.token_uri,
            client_id=secret.client_id,
            client_secret=secret.client_secret,
            scopes=[READ_SCOPE],
        )
        # Without one none at all: what the environment says of proxies is not meant for us.
        way = proxy.for_httplib2() if proxy else None
        self._guarded = partial(guarded, by_proxy=proxy is not None)
        self._http = httplib2.Http(timeout=CALL_TIMEOUT_SECONDS, proxy_info=way)
        service = build(
            "gmail",
            "v1",
            http=AuthorizedHttp(self._credentials, http=self._http),
            cache_discovery=False,
            static_discovery=True,
            client_options={"api_endpoint": endpoint},
        )
        self.users: Any = service.users()

    def close(self) -> None:
        """Afterwards no connection to Google is open. Safe to repeat."""
        self._http.close()

    def authorise(self, patience: Patience) -> None:
        """As `Mailbox.authorise`."""
        if self._credentials.valid:
            return
        patience.call(self._guarded(partial(self._credentials.refresh, Request(self._http))))
        granted = self._credentials.granted_scopes
        if granted is not None and READ_SCOPE not in granted:
            raise Failure(Exit.GMAIL_REFUSED, "the permission to read mail was not granted")

    def ask(self, request: Any, patience: Patience) -> dict[str, Any]:
        """The answer. Raises Failure: GMAIL_REFUSED, TOKEN_REVOKED, GMAIL_UNREACHABLE."""
        return patience.call(self._guarded(partial(self._execute, request)))

    def ask_unless(self, statuses: Collection[int], request: Any, patience: Patience) -> dict[str, Any] | None:
        """The answer, or None when Gmail refuses with one of these statuses. Raises Failure as `ask`."""

        def execute() -> dict[str, Any] | None:
            try:
                return self._execute(request)
            except HttpError as error:
                if error.status_code in statuses:
                    return None
                raise

        return patience.call(self._guarded(execute))

    def _execute(self, request: Any) -> dict[str, Any]:
        self._meter.gmail_calls += 1
        answer = request.execute()
        if not isinstance(answer, dict):
            raise Transient("Gmail's answer is not an object")
        return answer
