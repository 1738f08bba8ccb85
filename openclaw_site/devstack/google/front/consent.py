"""The consent page: emulate's, completed, and what its buttons send back."""

import html
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from ...emulate.backend import Answer, Backend
from .grants import Consent, Grants, full_scopes

PAGE = "/o/oauth2/v2/auth"
FORM = "/o/oauth2/v2/auth/callback"
_EVERYONES = {"openid", "email", "profile"}
_FORM_TAG = re.compile(r'<form class="user-form".*?</form>', re.DOTALL)
_STRANGER = 'value="testuser@gmail.com"'  # an account that emulate always adds


def show(backend: Backend, path: str, headers: Mapping[str, str]) -> Answer:
    """Emulate's page with Cancel, with boxes to keep scopes back, and without emulate's own account."""
    answer = backend.forward("GET", path, headers, b"")
    if answer.status != 200:
        return answer
    asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}

    def complete(form: re.Match[str]) -> str:
        text = form.group(0)
        return "" if _STRANGER in text else text.replace("<button ", f"{_fields(asked)}<button ", 1)

    page = _FORM_TAG.sub(complete, answer.body.decode())
    denied = _with_query(asked.get("redirect_uri", ""), error="access_denied", state=asked.get("state", ""))
    cancel = (
        '<p style="text-align:center;margin:1.5rem"><a id="cancel" style="color:inherit" '
        f'href="{html.escape(denied)}">Cancel</a></p>'
    )
    mark = '<div class="powered-by">'
    return Answer.page(page.replace(mark, cancel + mark) if mark in page else page + cancel)


def submit(
    backend: Backend,
    grants: Grants,
    *,
    body: bytes,
    client_id: str,
    redirect_uris: Sequence[str],
    emails: Sequence[str],
) -> Answer:
    """The account was chosen: send the browser back with a code, and remember what it stands for."""
    pairs = parse_qsl(body.decode(), keep_blank_values=True)
    given = dict(pairs)
    if given.get("client_id") != client_id or given.get("redirect_uri") not in redirect_uris:
        return Answer.page("<h1>Error 400: redirect_uri_mismatch or invalid_client</h1>", 400)
    if given.get("email") not in emails:
        return Answer.page("<h1>Couldn't find your Google Account</h1>", 400)
    withheld = {value for name, value in pairs if name == "withhold"}
    scope = " ".join(name for name in given.get("scope", "").split() if name not in withheld)
    given = {name: value for name, value in given.items() if name != "withhold"} | {"scope": scope}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = backend.forward("POST", FORM, headers, urlencode(given).encode())
    location = answer.header("Location")
    code = parse_qs(urlsplit(location).query).get("code", [""])[0]
    if answer.status == 302 and code:
        consent = Consent(
            email=given["email"],
            scopes=full_scopes(scope),
            redirect_uri=given["redirect_uri"],
            offline=given.get("access_type", "offline") == "offline",
            prompt="consent" in given.get("prompt", "consent").split(),
        )
        grants.consented(code, consent)
        location = _with_query(location, scope=" ".join(consent.scopes))
        return Answer.redirect(location)
    return answer


def _fields(asked: Mapping[str, str]) -> str:
    """What the form must carry on, and a box for each scope beyond signing in."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(asked.get(name, ""))}"/>'
        for name in ("access_type", "prompt")
    )
    boxes = "".join(
        '<label style="display:block;font-size:.75rem;margin:.25rem 0">'
        f'<input type="checkbox" name="withhold" value="{html.escape(scope)}"/> keep back '
        f"{html.escape(scope.rsplit('/', 1)[-1] or scope)}</label>"
        for scope in asked.get("scope", "").split()
        if scope not in _EVERYONES
    )
    return hidden + boxes


def _with_query(address: str, **parameters: str) -> str:
    parts = urlsplit(address)
    query = parse_qsl(parts.query, keep_blank_values=True)
    query += [(name, value) for name, value in parameters.items() if value]
    return parts._replace(query=urlencode(query)).geturl()
