"""Calls to Google about one refresh token: does it still read the mailbox, and take it back.

Owns what Google's answers mean. Knows no tables. No message here holds a token or anything that Google wrote.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import httpx
from django.conf import settings
from google.auth.exceptions import RefreshError, TransportError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials

TIMEOUT_SECONDS = 5.0
# Quotas are refused with 403 too ("Resolve errors" in the Gmail API's guide).
_BUSY = {"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "quotaExceeded", "backendError"}
_OUR_SETUP = {"accessNotConfigured", "SERVICE_DISABLED"}
SCOPE_MISSING = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}


class GmailTrouble(Exception):
    """It could not be found out whether the token works; it may well work."""

    next_action = "Nothing now: it is tried again. If it lasts, check the way to Google."


class GmailMisconfigured(GmailTrouble):
    """Google refuses us, not the customer."""

    next_action = "Check GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET and that the Gmail API is enabled for this client."


class ConsentGone(Exception):
    """The token does not read the mailbox any more: the customer must connect Gmail again."""

    def __init__(self, message: str, *, next_action: str = "Send the customer a new connect link.") -> None:
        super().__init__(message)
        self.next_action = next_action


def prove(secret: Mapping[str, Any], *, email: str) -> str:
    """The refresh token gives an access token that reads the mailbox of `email`: asked of Gmail, just now.

    Returns the mailbox's history id, which grows with every change of it. Two calls. Raises ConsentGone when the token
    does not, GmailTrouble when it can't be told.
    """
    profile = _profile(access_token(secret))
    if str(profile.get("emailAddress", "")).casefold() != email.casefold():
        raise ConsentGone(
            "The stored permission belongs to another mailbox than the customer's e-mail address.",
            next_action="Check the customer's e-mail address, then send a new connect link.",
        )
    return str(profile.get("historyId", ""))[:30]


def revoke(refresh_token: str) -> bool:
    """Google holds no grant for this token any more; False when Google did not say so. Safe to repeat.

    This ends everything that the account granted us, tokens of other consents too.
    """
    try:
        answer = httpx.post(settings.GOOGLE_REVOKE_URL, data={"token": refresh_token}, timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 or (answer.status_code == 400 and "invalid_token" in answer.text)


def access_token(secret: Mapping[str, Any]) -> str:
    """A new access token for all that was granted. One call. Raises ConsentGone, GmailTrouble."""
    credentials = Credentials(
        token=None,
        refresh_token=secret.get("refresh_token"),
        token_uri=secret.get("token_uri"),
        client_id=secret.get("client_id"),
        client_secret=secret.get("client_secret"),
    )
    try:
        credentials.refresh(partial(Request(), timeout=TIMEOUT_SECONDS))
    except TransportError:
        raise GmailTrouble("Google could not be reached.") from None
    except RefreshError as error:
        raise _refresh_refused(error) from None
    return str(credentials.token)


def _refresh_refused(error: RefreshError) -> Exception:
    answer = error.args[1] if len(error.args) > 1 else None
    code = answer.get("error") if isinstance(answer, dict) else None
    if code == "invalid_grant":
        return ConsentGone("Google no longer accepts the permission: it was withdrawn, or it expired.")
    if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code) and not error.retryable:
        return GmailMisconfigured(f"Google refused our OAuth client: {code}.")
    # A page without an OAuth error is a gateway's, not the token server's.
    return GmailTrouble("Google did not answer the refresh as expected.")


def _profile(access_token: str) -> dict[str, Any]:
    url = f"{settings.GMAIL_API_ENDPOINT.rstrip('/')}/gmail/v1/users/me/profile"
    headers = {"Authorization": f"Bearer {access_token}"}
    return gmail_answer(lambda: httpx.get(url, headers=headers, timeout=TIMEOUT_SECONDS), refused=_profile_refused)


def gmail_answer(ask: Callable[[], httpx.Response], *, refused: Callable[[int, set[str]], Exception]) -> dict[str, Any]:
    """The JSON object that Gmail answers. `refused` makes the error of a status and Google's code words for it.

    Raises GmailTrouble where another try may help, GmailMisconfigured and ConsentGone where Google refuses us or the
    token whatever was asked, and else what `refused` gave.
    """
    try:
        answer = ask()
        body = answer.json()
    except (httpx.HTTPError, json.JSONDecodeError, UnicodeDecodeError):
        raise GmailTrouble("Gmail could not be reached.") from None
    status, reasons = answer.status_code, _reasons_of(body)
    if status == 200 and isinstance(body, dict):
        return body
    if status >= 500 or status in (408, 429) or reasons & _BUSY:
        raise GmailTrouble(f"Gmail answered {status}.")
    if reasons & _OUR_SETUP:
        raise GmailMisconfigured("The Gmail API is not enabled for our OAuth client.")
    if status == 401:
        raise ConsentGone("Gmail does not accept the permission any more.")
    raise refused(status, reasons)


def _profile_refused(status: int, reasons: set[str]) -> Exception:
    if reasons & SCOPE_MISSING:
        return ConsentGone("The permission to read mail is missing.")
    if "domainPolicy" in reasons:
        return ConsentGone(
            "The administrators of the customer's domain do not allow our app.",
            next_action="Ask the customer's Google Workspace administrator to allow it, then send a new connect link.",
        )
    if "failedPrecondition" in reasons:
        return ConsentGone(
            "This Google account has no Gmail mailbox.",
            next_action="Ask the customer for its Gmail address, correct it, then send a new connect link.",
        )
    return GmailMisconfigured(f"Gmail refused the call with {status}.")


def _reasons_of(body: Any) -> set[str]:
    """Google's code words for a refusal."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return set()
    entries = [*(error.get("errors") or []), *(error.get("details") or [])]
    return {str(entry["reason"]) for entry in entries if isinstance(entry, dict) and "reason" in entry}
