"""Gmail's door: who may pass with which scope, and what emulate lacks or says otherwise."""

import base64
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, unquote, urlsplit

from ...emulate.backend import Answer, Backend
from . import history, refusals, search, threads
from .fields import partial
from .grants import GMAIL_ANY_READ, GMAIL_WRITE, Grants
from .mime import payload_of

PREFIXES = ("/gmail/", "/upload/gmail/")
_DRAFTS = re.compile(r"/(?:upload/)?gmail/v1/users/([^/]+)/drafts")
_READING = re.compile(r"/gmail/v1/users/([^/]+)/(?:(profile|history|messages)|((?:messages|threads)/[^/]+))")


def answer(
    backend: Backend,
    grants: Grants,
    horizon: history.Horizon,
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
    if not enough & set(grant.scopes_of(token)):
        return refusals.INSUFFICIENT_SCOPES
    drafting = _DRAFTS.fullmatch(urlsplit(path).path) if method == "POST" else None
    if drafting is not None and unquote(drafting[1]) in ("me", grant.email):
        body = threads.settled(backend, body, token=inside_tokens[grant.email])
    reading = _READING.fullmatch(urlsplit(path).path) if method == "GET" else None
    if reading is None or unquote(reading[1]) not in ("me", grant.email):
        return partial(backend.forward(method, path, headers, body), path)
    inside = inside_tokens[grant.email]
    if reading[2] == "profile":
        found = _profile(backend, grant.email, inside)
    elif reading[2] == "history":
        found = history.listed(backend, horizon, path=path, email=grant.email, token=inside)
    elif reading[2] == "messages":
        wanted = search.message_id_in(path)
        found = (
            backend.forward(method, path, headers, body)
            if wanted is None
            else Answer.of(search.found(backend, message_id=wanted, token=inside))
        )
    elif parse_qs(urlsplit(path).query).get("format", ["full"]) == ["full"]:
        found = _whole(backend, reading[3], inside)
    else:
        found = backend.forward(method, path, headers, body)
    return partial(found, path)


def _whole(backend: Backend, what: str, token: str) -> Answer:
    """A message or a thread in format `full`, each message with its parts as they came in."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = backend.forward("GET", f"/gmail/v1/users/me/{quote(unquote(what))}?format=raw", headers, b"")
    if answer.status != 200:
        return answer
    document = answer.json()
    for message in document.get("messages", [document]):
        raw: str = message.pop("raw", None) or ""
        message["payload"] = payload_of(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    return Answer.of(document)


def _profile(backend: Backend, email: str, token: str) -> Answer:
    base = "/gmail/v1/users/me"
    messages = backend.json("GET", f"{base}/messages?maxResults=1", token=token)
    threads = backend.json("GET", f"{base}/threads?maxResults=1", token=token)
    return Answer.of(
        {
            "emailAddress": email,
            "messagesTotal": messages["resultSizeEstimate"],
            "threadsTotal": threads["resultSizeEstimate"],
            "historyId": history.current_id(backend, token),
        }
    )
