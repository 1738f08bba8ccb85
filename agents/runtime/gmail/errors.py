"""What Google's refusals mean for the agent.

Owns the reading of HTTP statuses, reasons and OAuth error codes. Only Google's own code words are passed on:
its sentences name the account.
"""

import json
import re
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, TypeVar

import httplib2
import socks
from google.auth.exceptions import RefreshError, TransportError
from googleapiclient.errors import HttpError

from agents.runtime.exits import Exit
from agents.runtime.failures import Failure
from agents.runtime.retry import Transient

T = TypeVar("T")

# Source: "Resolve errors" of the Gmail API guide: quotas are also refused with 403.
BUSY_REASONS = {"rateLimitExceeded", "userRateLimitExceeded", "backendError", "quotaExceeded"}
SCOPE_REASONS = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}


def guarded(operation: Callable[[], T], *, by_proxy: bool = False) -> Callable[[], T]:
    """`operation` with the libraries' exceptions in our words: Failure, or Transient for what may pass.

    `by_proxy` says that Gmail's own name is not looked up here: one that is not found is the proxy's.
    """

    def call() -> T:
        try:
            return operation()
        except HttpError as error:
            raise from_http_error(error) from error
        except RefreshError as error:
            raise from_refresh_error(error) from error
        except socks.ProxyError as error:
            raise Transient(f"Gmail unreachable: the egress proxy {_deed_of_proxy(error)}") from error
        except (TransportError, httplib2.HttpLib2Error, HTTPException, OSError, ValueError) as error:
            if by_proxy and _is_unknown_name(error):
                raise Transient("Gmail unreachable: the egress proxy's name is not found") from error
            # ValueError: a body that is not JSON, as overloaded gateways send with status 200.
            raise Transient(f"Gmail unreachable: {type(error).__name__}") from error

    return call


def from_http_error(error: HttpError) -> Failure | Transient:
    """The failure behind an API answer: Transient for 408, 429, 5xx and quota refusals, else a Failure."""
    status = int(error.status_code)
    reasons = _reasons(error.content)
    if status in (408, 429) or status >= 500 or reasons & BUSY_REASONS:
        return Transient(f"Gmail answered {status}", after_seconds=_pause_asked(error.resp.get("retry-after")))
    if status == 401:
        # The transport has refreshed the token and was refused again.
        return Failure(Exit.TOKEN_REVOKED, "Gmail does not accept the access token")
    if reasons & SCOPE_REASONS:
        return Failure(Exit.GMAIL_REFUSED, "the permission to read mail was not granted")
    if status in (403, 404):
        return Failure(Exit.GMAIL_REFUSED, f"Gmail answered {status}: the mailbox is not this account's")
    return Failure(Exit.GMAIL_REFUSED, f"Gmail answered {status}")


def from_refresh_error(error: RefreshError) -> Failure | Transient:
    """The failure behind a refused refresh: invalid_grant means that the consent is gone."""
    code = _oauth_code(error)
    if error.retryable:
        return Transient(f"token refresh: {code}")
    if code == "invalid_grant":
        return Failure(Exit.TOKEN_REVOKED, "Google answered invalid_grant")
    if code == "unknown":
        # An answer without an OAuth error is not the token server's: a gateway's or a proxy's page.
        return Transient("token refresh: not an OAuth answer")
    return Failure(Exit.GMAIL_REFUSED, f"token refresh: {code}")


def _is_unknown_name(error: BaseException) -> bool:
    # google-auth's transport wraps httplib2's errors.
    return isinstance(error, httplib2.ServerNotFoundError) or any(
        isinstance(inner, httplib2.ServerNotFoundError) for inner in error.args
    )


def _deed_of_proxy(error: socks.ProxyError) -> str:
    # PySocks wraps an answer that it does not like as an error of the connection.
    refusal = error.socket_err if isinstance(error.socket_err, socks.HTTPError) else error
    if isinstance(refusal, socks.HTTPError):
        status = re.match(r"\d{3}\b", str(refusal.msg))
        return f"refused ({status[0] if status else 'no status'})"
    return "could not be reached" if isinstance(error, socks.ProxyConnectionError) else "gave no answer"


def _oauth_code(error: RefreshError) -> str:
    answer = error.args[1] if len(error.args) > 1 else None
    code = answer.get("error") if isinstance(answer, dict) else None
    # Spelled as RFC 6749 spells them, so that nothing else gets into a log line.
    return code if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code) else "unknown"


def _reasons(content: bytes) -> set[str]:
    try:
        error: Any = json.loads(content)["error"]
        entries = [*(error.get("errors") or []), *(error.get("details") or [])]
        return {str(entry["reason"]) for entry in entries if "reason" in entry}
    except (ValueError, KeyError, TypeError, AttributeError):
        return set()


def _pause_asked(header: str | None) -> float:
    return float(header) if header and header.isascii() and header.isdigit() else 0.0
