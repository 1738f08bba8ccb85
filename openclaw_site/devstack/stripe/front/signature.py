"""The `Stripe-Signature` header: an HMAC over time and body. Source: "Verify webhook signatures", Stripe docs."""

import hashlib
import hmac
import time

TOLERANCE_SECONDS = 300


def header(payload: bytes, *, secret: str, at: int) -> str:
    """What stands in the header of a webhook with this body, sent at this second."""
    return f"t={at},v1={_digest(payload, secret=secret, at=at)}"


def holds(payload: bytes, given: str, *, secret: str) -> bool:
    """Whether a header was made with this secret for this body, not long ago."""
    parts = dict(part.partition("=")[::2] for part in given.split(","))
    at = parts.get("t", "")
    if not at.isdigit() or abs(time.time() - int(at)) > TOLERANCE_SECONDS:
        return False
    return hmac.compare_digest(parts.get("v1", ""), _digest(payload, secret=secret, at=int(at)))


def _digest(payload: bytes, *, secret: str, at: int) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
