"""Who consented to what, and which tokens stand for it. Thread-safe; knows no HTTP."""

import threading
import time
from dataclasses import dataclass, field

ACCESS_TOKEN_SECONDS = 3600
GMAIL_READ = "https://www.googleapis.com/auth/gmail.readonly"
GMAIL_WRITE = frozenset(
    {
        "https://mail.google.com/",
        "https://www.googleapis.com/auth/gmail.modify",
        "https://www.googleapis.com/auth/gmail.compose",
        "https://www.googleapis.com/auth/gmail.send",
        "https://www.googleapis.com/auth/gmail.insert",
    }
)
GMAIL_ANY_READ = frozenset({GMAIL_READ, "https://mail.google.com/", "https://www.googleapis.com/auth/gmail.modify"})
_FULL_NAMES = {
    "email": "https://www.googleapis.com/auth/userinfo.email",
    "profile": "https://www.googleapis.com/auth/userinfo.profile",
}
EMAIL = _FULL_NAMES["email"]
PROFILE = _FULL_NAMES["profile"]


def full_scopes(text: str) -> tuple[str, ...]:
    """The scopes of a space-separated list under the names that Google's answers use."""
    return tuple(dict.fromkeys(_FULL_NAMES.get(name, name) for name in text.split()))


@dataclass(frozen=True)
class Consent:
    """One press of the button on the consent page, waiting to be exchanged."""

    email: str
    scopes: tuple[str, ...]
    redirect_uri: str
    offline: bool
    prompt: bool


@dataclass(eq=False)
class Grant:
    """A consent that was exchanged."""

    email: str
    scopes: tuple[str, ...]
    refresh_token: str | None
    access_tokens: dict[str, float] = field(default_factory=dict)  # token: when it expires, monotonic
    narrowed: dict[str, tuple[str, ...]] = field(default_factory=dict)  # token: what of the scopes was asked for

    def scopes_of(self, access_token: str) -> tuple[str, ...]:
        """What this access token opens: all of the grant, unless its refresh asked for less."""
        return self.narrowed.get(access_token, self.scopes)


class Grants:
    """All consents and grants since the start of the world."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._consents: dict[str, Consent] = {}
        self._grants: list[Grant] = []

    def consented(self, code: str, consent: Consent) -> None:
        with self._lock:
            self._consents[code] = consent

    def consent(self, code: str) -> Consent | None:
        """What this code stands for, if it was not exchanged yet."""
        with self._lock:
            return self._consents.get(code)

    def exchange(self, code: str, *, access_token: str, refresh_token: str) -> Grant:
        """The code becomes a grant. Its refresh token is None when Google would not give one."""
        with self._lock:
            consent = self._consents.pop(code)
            before = any(grant.email == consent.email and grant.refresh_token for grant in self._grants)
            keeps = consent.offline and (consent.prompt or not before)
            grant = Grant(consent.email, consent.scopes, refresh_token if keeps else None)
            grant.access_tokens[access_token] = time.monotonic() + ACCESS_TOKEN_SECONDS
            self._grants.append(grant)
            return grant

    def refreshable(self, refresh_token: str) -> Grant | None:
        """The grant that this refresh token belongs to, unless it was revoked."""
        with self._lock:
            return next((grant for grant in self._grants if grant.refresh_token == refresh_token), None)

    def refreshed(self, grant: Grant, access_token: str, *, scope: str) -> tuple[str, ...]:
        """The grant has one more access token, for those of its scopes that were asked for (all, if none)."""
        with self._lock:
            if asked := full_scopes(scope):
                grant.narrowed[access_token] = tuple(name for name in grant.scopes if name in asked)
            grant.access_tokens[access_token] = time.monotonic() + ACCESS_TOKEN_SECONDS
            return grant.scopes_of(access_token)

    def valid(self, access_token: str) -> Grant | None:
        """The grant of an access token that has neither expired nor been revoked."""
        with self._lock:
            for grant in self._grants:
                if grant.access_tokens.get(access_token, 0.0) > time.monotonic():
                    return grant
        return None

    def revoke(self, token: str) -> bool:
        """End the grant that this refresh or access token belongs to; False if there is none."""
        with self._lock:
            for grant in self._grants:
                if token == grant.refresh_token or token in grant.access_tokens:
                    self._grants.remove(grant)
                    return True
        return False

    def withdraw(self, email: str) -> int:
        """End all grants of an account; returns how many there were."""
        with self._lock:
            kept = [grant for grant in self._grants if grant.email != email]
            ended = len(self._grants) - len(kept)
            self._grants = kept
            return ended

    def expire_access_tokens(self) -> None:
        with self._lock:
            for grant in self._grants:
                grant.access_tokens = dict.fromkeys(grant.access_tokens, 0.0)
