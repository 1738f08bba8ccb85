"""The rules of the front: picks the rule for a path. Everything it serves is on loopback."""

from collections.abc import Mapping, Sequence

from ...emulate.backend import Answer, Backend
from ...emulate.front import FrontServer, bearer
from . import consent, gmail, refusals, tokens
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
        self.gmail_fault: int | None = None
        self.horizon = Horizon()
        self._backend = backend
        self._grants = grants
        self._client_id = client_id
        self._redirect_uris = tuple(redirect_uris)
        self._inside_tokens = dict(inside_tokens)

        self._server = FrontServer(
            port=port, part="Google", field="google", rule=self.answer, broken=refusals.fault(503)
        )

    def require_port(self) -> None:
        """DevstackError when the port is taken."""
        self._server.require_port()

    def start(self) -> None:
        """It answers when this returns. DevstackError: port taken."""
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What Google answers this request."""
        plain = path.partition("?")[0]
        token = bearer(headers)
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
