"""The token, revocation and userinfo addresses."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from ...emulate.backend import Answer, Backend
from . import refusals
from .grants import EMAIL, PROFILE, Grants

_EMAIL_FIELDS = {"email", "email_verified", "hd"}
_PROFILE_FIELDS = {"name", "given_name", "family_name", "picture", "locale"}


def issue(backend: Backend, grants: Grants, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """POST of a code or a refresh token."""
    given = parameters(headers, body)
    if given.get("grant_type") == "refresh_token":
        return _refresh(backend, grants, path, headers, body, given)
    if given.get("grant_type") == "authorization_code":
        return _exchange(backend, grants, path, headers, body, given)
    return backend.forward("POST", path, headers, body)


def revoke(backend: Backend, grants: Grants, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """POST of any token of a grant: the whole grant ends."""
    query = dict(parse_qsl(path.partition("?")[2]))
    token = parameters(headers, body).get("token") or query.get("token") or ""
    if not grants.revoke(token):
        return refusals.INVALID_TOKEN
    backend.forward("POST", path, headers, body)
    return Answer.of({})


def userinfo(backend: Backend, grants: Grants, path: str, headers: Mapping[str, str], token: str) -> Answer:
    """What the grant's scopes show of the account."""
    grant = grants.valid(token)
    if grant is None:
        return refusals.UNAUTHENTICATED
    scopes = set(grant.scopes_of(token))
    if not scopes & {"openid", EMAIL, PROFILE}:
        return refusals.INSUFFICIENT_SCOPES
    answer = backend.forward("GET", path, headers, b"")
    if answer.status != 200:
        return answer
    hidden = set() if EMAIL in scopes else set(_EMAIL_FIELDS)
    hidden |= set() if PROFILE in scopes else _PROFILE_FIELDS
    return Answer.of({name: value for name, value in answer.json().items() if name not in hidden})


def parameters(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    """The fields of a form or JSON body."""
    text = body.decode(errors="replace")
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if "application/json" in kind:
        try:
            document: Any = json.loads(text)
        except ValueError:
            return {}
        return {str(name): str(value) for name, value in document.items()} if isinstance(document, dict) else {}
    return dict(parse_qsl(text, keep_blank_values=True))


def _exchange(
    backend: Backend,
    grants: Grants,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    given: Mapping[str, str],
) -> Answer:
    consent = grants.consent(given.get("code", ""))
    if consent is None:
        # Google looks at the client first.
        refused = backend.forward("POST", path, headers, body)
        return refused if refused.json().get("error") == "invalid_client" else refusals.INVALID_CODE
    if consent.redirect_uri != given.get("redirect_uri"):
        return refusals.REDIRECT_MISMATCH
    answer = backend.forward("POST", path, headers, body)
    if answer.status != 200:
        return answer
    document = answer.json()
    grant = grants.exchange(
        given["code"], access_token=document["access_token"], refresh_token=document["refresh_token"]
    )
    if grant.refresh_token is None:
        del document["refresh_token"]
    if "openid" not in grant.scopes:
        document.pop("id_token", None)
    return Answer.of({**document, "scope": " ".join(grant.scopes)})


def _refresh(
    backend: Backend,
    grants: Grants,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    given: Mapping[str, str],
) -> Answer:
    grant = grants.refreshable(given.get("refresh_token", ""))
    answer = backend.forward("POST", path, headers, body)
    if answer.json().get("error") == "invalid_client":
        return answer
    if grant is None or answer.status != 200:
        return refusals.INVALID_GRANT
    document = answer.json()
    scopes = grants.refreshed(grant, document["access_token"], scope=given.get("scope", ""))
    return Answer.of({**document, "scope": " ".join(scopes)})
