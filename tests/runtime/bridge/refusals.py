"""What a refusal of the bridge looks like."""

from __future__ import annotations

import httpx


def refused(answer: httpx.Response, status: int, kind: str) -> str:
    """The message of an error in the API's form."""
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)
    assert answer.json()["type"] == "error"
    return str(answer.json()["error"]["message"])
