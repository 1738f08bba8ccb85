"""What lies in a mailbox of the embedded Google, seen as its owner."""

from typing import Any

import httpx

from openclaw_site.devstack.google import Google


def _get(google: Google, email: str, path: str) -> Any:
    # The emulator itself, which knows no scopes; the front would ask for somebody's consent.
    url = f"http://127.0.0.1:{google._backend.port}/gmail/v1/users/me/{path}"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {google._token(email)}"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def found_message(google: Google, email: str, gmail_id: str) -> dict[str, Any]:
    """A message with its headers."""
    return dict(_get(google, email, f"messages/{gmail_id}?format=full"))


def thread_of(google: Google, email: str, thread_id: str) -> list[dict[str, Any]]:
    """The messages of a thread."""
    return list(_get(google, email, f"threads/{thread_id}")["messages"])


def drafts_of(google: Google, email: str) -> list[dict[str, Any]]:
    """All drafts of the mailbox."""
    return list(_get(google, email, "drafts?maxResults=500").get("drafts") or [])


def header(message: dict[str, Any], name: str) -> str:
    """A header of a message, or an empty string."""
    for one in message["payload"]["headers"]:
        if one["name"].lower() == name.lower():
            return str(one["value"])
    return ""
