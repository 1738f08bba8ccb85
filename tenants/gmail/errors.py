"""How connecting Gmail can end, in words: what happened, and what to do."""

from dataclasses import dataclass


class ConsentRefused(Exception):
    """The consent can't be taken. `code` names the message."""

    def __init__(self, code: str) -> None:
        super().__init__(RESULTS[code].title)
        self.code = code


@dataclass(frozen=True, slots=True)
class Result:
    """One result page. `status` is its HTTP status."""

    title: str
    text: str
    next_action: str
    status: int = 400


_AGAIN = "Go back to the customer's page, or ask us for a new link, and press “Connect Gmail” again."

RESULTS: dict[str, Result] = {
    "connected": Result(
        "Gmail is connected",
        "The mailbox can be read by the agents, and by nobody else. Setting up goes on by itself.",
        "You can close this page. The customer's page shows the progress.",
        200,
    ),
    "wrong-account": Result(
        "That was another Google account",
        "The account that you chose is not the customer's mailbox. Nothing was stored.",
        "Press “Connect Gmail” again and choose the mailbox's own account; if Google does not ask which, sign out of "
        "the other account first.",
    ),
    "refused": Result(
        "Google was told no",
        "The consent was cancelled. Nothing was stored.",
        "If that was a mistake, press “Connect Gmail” again and choose “Allow”.",
    ),
    "scope-missing": Result(
        "The permission to read mail is missing",
        "Google lets people untick permissions, and “Read your email messages” was not given. Nothing was stored.",
        "Press “Connect Gmail” again and leave that permission ticked.",
    ),
    "no-refresh-token": Result(
        "Google gave no lasting permission",
        "Google did not send a refresh token. Nothing was stored.",
        "Remove this app under “Third-party access” in the Google account, then press “Connect Gmail” again.",
    ),
    "used": Result(
        "This link was used already",
        "A link to connect Gmail works once. If Gmail is connected, nothing is left to do.",
        _AGAIN,
    ),
    "expired": Result("This link has expired", "Links to connect Gmail work for a short time only.", _AGAIN),
    "forged": Result("This link is not valid", "It is damaged, incomplete or was not made by us.", _AGAIN),
    "session-lost": Result(
        "Your session was lost on the way",
        "The answer from Google does not belong to anything that this browser began. Nothing was stored.",
        "Allow cookies for this site, stay in one browser, and begin again. " + _AGAIN,
    ),
    "closed": Result(
        "This customer is leaving",
        "The account is being closed or is closed, so its Gmail can't be connected.",
        "Nothing is left to do.",
    ),
    "google-unreachable": Result(
        "Google did not answer",
        "The connection to Google failed. Nothing was stored.",
        "Wait a minute. " + _AGAIN,
        502,
    ),
    "google-error": Result(
        "Google did not accept the exchange",
        "The answer from Google could not be used, perhaps because it came twice. Nothing was stored.",
        _AGAIN,
        502,
    ),
}
