"""The HTTP server of the front: picks the rule for a path. Everything it serves is on loopback."""

import http.client
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from ...loopback import LoopbackServer
from ...ports import require_free
from . import consent, gmail, refusals, tokens
from .backend import Answer, Backend
from .grants import Grants
from .history import Horizon


class Front:
    """Google's address. `gmail_fault` makes every Gmail call fail with that status."""

    def __init__(
        self,
        *,
        port: int,
        backend: Backend,
        grants: Grants,
        client_id: str,
        redirect_uris: Sequence[str],
        inside_tokens: Mapping[str, str],
    ) -> None:
        self.port = port
        self.gmail_fault: int | None = None
        self.horizon = Horizon()
        self._backend = backend
        self._grants = grants
        self._client_id = client_id
        self._redirect_uris = tuple(redirect_uris)
        self._inside_tokens = dict(inside_tokens)

        class Handler(_Handler):
            owner: ClassVar[Front] = self

        self._server = LoopbackServer(port=port, handler=Handler, name="devstack-google")

    def require_port(self) -> None:
        """DevstackError when the port is taken."""
        require_free(self.port, part="Google", field="google")

    def start(self) -> None:
        """It answers when this returns. DevstackError: port taken."""
        self.require_port()
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What Google answers this request."""
        plain = path.partition("?")[0]
        token = _bearer(headers)
        if method == "GET" and plain == consent.PAGE:
            return consent.show(self._backend, path, headers)
        if method == "POST" and plain == consent.FORM:
            return consent.submit(
                self._backend,
                self._grants,
                body=body,
                client_id=self._client_id,
                redirect_uris=self._redirect_uris,
                emails=tuple(self._inside_tokens),
            )
        if method == "POST" and plain == "/oauth2/token":
            return tokens.issue(self._backend, self._grants, path, headers, body)
        if method == "POST" and plain == "/oauth2/revoke":
            return tokens.revoke(self._backend, self._grants, path, headers, body)
        if method == "GET" and plain == "/oauth2/v2/userinfo":
            return tokens.userinfo(self._backend, self._grants, path, headers, token)
        if plain.startswith(gmail.PREFIXES):
            return self._gmail(method, path, headers, body, token)
        if token and self._grants.valid(token) is None:
            return refusals.UNAUTHENTICATED
        return self._backend.forward(method, path, headers, body)

    def _gmail(self, method: str, path: str, headers: Mapping[str, str], body: bytes, token: str) -> Answer:
        if self.gmail_fault is not None:
            return refusals.fault(self.gmail_fault)
        return gmail.answer(
            self._backend,
            self._grants,
            self.horizon,
            method=method,
            path=path,
            headers=headers,
            body=body,
            token=token,
            inside_tokens=self._inside_tokens,
        )


class _Handler(BaseHTTPRequestHandler):
    owner: ClassVar[Front]

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        try:
            answer = self.owner.answer(self.command, self.path, dict(self.headers.items()), body)
        except (OSError, http.client.HTTPException, ValueError):
            answer = refusals.fault(503)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: addresses hold codes and states."""


def _bearer(headers: Mapping[str, str]) -> str:
    value = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    kind, _, token = value.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""
