"""Google as one part of the world: emulate and front together, and what tests do to it from outside."""

import base64
import secrets
from collections.abc import Iterable, Sequence
from email.message import EmailMessage
from typing import Any

from ..emulate import Emulate
from ..errors import DevstackError
from ..ports import HOST
from .front.grants import Grants
from .front.history import current_id
from .front.server import Front
from .mailbox import Mailbox, demo_mailboxes, seed_document

CLIENT_ID = "openclaw-devstack.apps.googleusercontent.com"


class Google:
    """OAuth and Gmail on one loopback port, for one OAuth client.

    For tests: deliver(), relabel(), delete(), withdraw(), expire_access_tokens(), expire_history() and `gmail_fault`.
    """

    def __init__(
        self,
        *,
        port: int,
        emulate: Emulate,
        client_secret: str,
        redirect_uris: Sequence[str],
        extra_mailboxes: Iterable[Mailbox] = (),
    ) -> None:
        self.url = f"http://{HOST}:{port}"
        self.client_id = CLIENT_ID
        self.client_secret = client_secret
        self.redirect_uris = tuple(redirect_uris)
        self._mailboxes = [*demo_mailboxes(), *extra_mailboxes]
        self._tokens = {box.email: f"inside_{secrets.token_urlsafe(24)}" for box in self._mailboxes}
        self._emulate = emulate
        self.grants = Grants()
        self._backend = emulate.join("google", url=self.url, seed=self._seed)
        self._front = Front(
            port=port,
            backend=self._backend,
            grants=self.grants,
            client_id=self.client_id,
            redirect_uris=self.redirect_uris,
            inside_tokens=self._tokens,
        )

    @property
    def accounts(self) -> tuple[str, ...]:
        """The addresses that can sign in."""
        return tuple(self._tokens)

    @property
    def gmail_fault(self) -> int | None:
        """HTTP status that every Gmail call gets instead of an answer (429, 500, 503); None: none."""
        return self._front.gmail_fault

    @gmail_fault.setter
    def gmail_fault(self, status: int | None) -> None:
        self._front.gmail_fault = status

    def start(self) -> None:
        """Consent, tokens and mail can be had when this returns, with nobody's consent given."""
        self._front.require_port()
        self._emulate.start()
        self._front.start()

    def stop(self) -> None:
        """Nothing listens; emulate is left to its owner. Safe to repeat."""
        self._front.stop()

    def environment(self) -> dict[str, str]:
        """The back office's environment names for these addresses."""
        return {
            "GOOGLE_CLIENT_ID": self.client_id,
            "GOOGLE_CLIENT_SECRET": self.client_secret,
            "GOOGLE_AUTHORIZE_URL": f"{self.url}/o/oauth2/v2/auth",
            "GOOGLE_TOKEN_URL": f"{self.url}/oauth2/token",
            "GOOGLE_REVOKE_URL": f"{self.url}/oauth2/revoke",
            "GOOGLE_USERINFO_URL": f"{self.url}/oauth2/v2/userinfo",
            "GOOGLE_ISSUER": self.url,
            "GMAIL_API_ENDPOINT": self.url,
        }

    def deliver(
        self, email: str, *, sender: str, subject: str, text: str, labels: Sequence[str] = ("INBOX", "UNREAD")
    ) -> str:
        """A new message arrives now; returns its Gmail id. DevstackError: no such mailbox."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, email, subject
        message.set_content(text)
        return self.deliver_raw(email, message.as_bytes(), labels=labels)

    def deliver_raw(self, email: str, raw: bytes, *, labels: Sequence[str] = ("INBOX", "UNREAD")) -> str:
        """A mail as it comes over the wire arrives now; returns its Gmail id. DevstackError: no such mailbox."""
        body = {"raw": base64.urlsafe_b64encode(raw).decode(), "labelIds": list(labels)}
        return str(self._mail("POST", "import", email, body)["id"])

    def relabel(self, email: str, gmail_id: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """The account's owner moves a message."""
        self._mail("POST", f"{gmail_id}/modify", email, {"addLabelIds": list(add), "removeLabelIds": list(remove)})

    def delete(self, email: str, gmail_id: str) -> None:
        """The account's owner deletes a message for good."""
        self._mail("DELETE", gmail_id, email)

    def expire_history(self, email: str) -> None:
        """Every history id that was given out so far is too old, but for the newest."""
        newest = current_id(self._backend, self._token(email))
        self._front.horizon.expire(email, before=int(newest))

    def withdraw(self, email: str) -> int:
        """The account's owner removes our access in their Google settings; returns how many grants ended."""
        return self.grants.withdraw(email)

    def expire_access_tokens(self) -> None:
        """Every access token is past its hour; refresh tokens still work."""
        self.grants.expire_access_tokens()

    def _seed(self) -> dict[str, Any]:
        client = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "name": "OpenClaw",
            "redirect_uris": list(self.redirect_uris),
        }
        return seed_document(self._mailboxes, clients=[client], tokens=self._tokens)

    def _mail(self, method: str, path: str, email: str, body: Any = None) -> Any:
        return self._backend.json(method, f"/gmail/v1/users/me/messages/{path}", token=self._token(email), body=body)

    def _token(self, email: str) -> str:
        if email not in self._tokens:
            raise DevstackError(f"There is no mailbox {email}.", "Give it to World(extra_users=[...]).")
        return self._tokens[email]
