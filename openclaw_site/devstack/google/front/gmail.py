"""Gmail's door: who may pass with which scope, and the profile that emulate lacks."""

from collections.abc import Mapping

from . import refusals
from .backend import Answer, Backend
from .grants import GMAIL_ANY_READ, GMAIL_WRITE, Grants

PREFIXES = ("/gmail/", "/upload/gmail/")


def answer(
    backend: Backend,
    grants: Grants,
    *,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    token: str,
    inside_tokens: Mapping[str, str],
) -> Answer:
    """What Gmail answers the holder of this token."""
    grant = grants.valid(token)
    if grant is None:
        return refusals.UNAUTHENTICATED
    enough = GMAIL_ANY_READ if method == "GET" else GMAIL_WRITE
    if not enough & set(grant.scopes):
        return refusals.INSUFFICIENT_SCOPES
    plain = path.partition("?")[0]
    if method == "GET" and plain in ("/gmail/v1/users/me/profile", f"/gmail/v1/users/{grant.email}/profile"):
        return _profile(backend, grant.email, inside_tokens[grant.email])
    return backend.forward(method, path, headers, body)


def _profile(backend: Backend, email: str, token: str) -> Answer:
    base = "/gmail/v1/users/me"
    messages = backend.json("GET", f"{base}/messages?maxResults=1", token=token)
    threads = backend.json("GET", f"{base}/threads?maxResults=1", token=token)
    history = backend.json("GET", f"{base}/history?startHistoryId=1&maxResults=1", token=token)
    return Answer.of(
        {
            "emailAddress": email,
            "messagesTotal": messages["resultSizeEstimate"],
            "threadsTotal": threads["resultSizeEstimate"],
            "historyId": history["historyId"],
        }
    )
