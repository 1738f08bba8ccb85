"""An authenticator app, for walks that sign in as staff: time-based codes (RFC 6238) of a secret that a page showed."""

import base64
import hashlib
import hmac
import re
import time

_SECRET = re.compile(r'id="secret"[^>]*>([A-Z2-7 ]+)<')
_RECOVERY_CODE = re.compile(r'class="recovery-code">(\d+)<')
PERIOD_SECONDS = 30


class Phone:
    """Holds a secret. A code is taken once only, so each call gives one that was not given before."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self._given = 0

    def code(self) -> str:
        """A code that holds now. Two in one period are of this one and the next; a third waits for the next period."""
        step = max(int(time.time()) // PERIOD_SECONDS, self._given + 1)
        # The back office takes codes of the next period already: clocks differ.
        while step > int(time.time()) // PERIOD_SECONDS + 1:
            time.sleep(0.5)
        self._given = step
        return code_of(self.secret, step)


def code_of(secret: str, step: int) -> str:
    """The six digits of this 30-second step."""
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def secret_in(text: str) -> str:
    """The secret on the page that sets up an authenticator. Raises ValueError on another page."""
    found = _SECRET.search(text)
    if found is None:
        raise ValueError("This page shows no secret of an authenticator.")
    return found[1].replace(" ", "")


def recovery_codes_in(text: str) -> list[str]:
    """The recovery codes that a page shows."""
    return _RECOVERY_CODE.findall(text)
