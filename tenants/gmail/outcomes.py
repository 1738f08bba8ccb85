"""How a consent can end, and what the person who gave it is told. The words live here, the codes go into the URL."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """One way for a consent to end; the value is the short code of the result page's address."""

    CONNECTED = "connected"
    WRONG_ACCOUNT = "wrong-account"
    REFUSED = "refused"
    MISSING_SCOPE = "scope-missing"
    NOT_LASTING = "no-refresh-token"
    REPLAYED = "used"
    EXPIRED = "expired"
    FORGED = "forged"
    LOST_SESSION = "session-lost"
    NO_LINK = "no-link"
    CLOSED = "closed"
    UNREACHABLE = "google-unreachable"
    GOOGLE_FAILED = "google-error"


class ConsentRefused(Exception):
    """The consent is not taken; `outcome` says why. Nothing was changed."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Message:
    """What the result page says. `retry`: the same link can be used once more, so offer it."""

    title: str
    text: str
    next_step: str
    retry: bool = False
    status: int = 400


_NEW_LINK = (
    "Sign in to your pages and connect it under Settings, Gmail; or ask the person who sent you the link for a new one."
)

MESSAGES: dict[Outcome, Message] = {
    Outcome.CONNECTED: Message(
        "Gmail is connected",
        "Thank you. The agents may now read this mailbox. Setting them up goes on by itself.",
        "There is nothing left to do here: you can close this page.",
        status=200,
    ),
    Outcome.WRONG_ACCOUNT: Message(
        "That was another Google account",
        "You signed in at Google with an account that is not the mailbox to be connected. Nothing of it was kept.",
        "Try again and choose the right account at Google. If it is not listed, choose “Use another account”.",
        retry=True,
    ),
    Outcome.REFUSED: Message(
        "You did not give permission",
        "Google told us that the permission was refused, so nothing was connected.",
        "If that was not what you wanted, try again and press “Continue” or “Allow” at Google.",
        retry=True,
    ),
    Outcome.MISSING_SCOPE: Message(
        "The permission to read mail was left out",
        "At Google the box for reading your mail was not ticked. Without it the agents can do nothing, so nothing was "
        "connected.",
        "Try again and tick the box next to “View your email messages and settings”.",
        retry=True,
    ),
    Outcome.NOT_LASTING: Message(
        "Google gave a permission that ends within the hour",
        "The agents work while you are away and need a lasting permission, which Google did not give this time.",
        "Remove our app at myaccount.google.com/permissions, then try again.",
        retry=True,
    ),
    Outcome.REPLAYED: Message(
        "This link was used already",
        "Each link connects Gmail once. If you have just connected it, everything is fine.",
        f"If Gmail still has to be connected: {_NEW_LINK[0].lower()}{_NEW_LINK[1:]}",
    ),
    Outcome.EXPIRED: Message(
        "This link has expired",
        "For your safety a link holds for a limited time only.",
        _NEW_LINK,
    ),
    Outcome.FORGED: Message(
        "This link is not valid",
        "It was not made by us, or it was changed or cut off on its way to you.",
        "Open the link again from where you got it, complete to its last character. If that does not help, ask the "
        "person who sent it for a new one.",
    ),
    Outcome.LOST_SESSION: Message(
        "Your browser lost the thread",
        "What came back from Google does not belong to a connection that this browser began in the last ten minutes. "
        "Nothing was connected.",
        "Open your link again, in one browser, with cookies allowed, and go through Google's steps without a break.",
    ),
    Outcome.NO_LINK: Message(
        "Gmail is connected with a link",
        "There is nothing to sign in to here: a Google account does not open anything on this site.",
        "Use the link that we sent you. If you have none, ask your contact for one.",
    ),
    Outcome.CLOSED: Message(
        "This account is closed",
        "The company that this link was made for is no longer served, so its mailbox can't be connected.",
        "If that is a surprise, get in touch with your contact.",
    ),
    Outcome.UNREACHABLE: Message(
        "Google could not be reached",
        "We could not fetch the permission from Google just now. Nothing was connected.",
        "Wait a minute, then try again. Your link can still be used until it expires.",
        retry=True,
        status=502,
    ),
    Outcome.GOOGLE_FAILED: Message(
        "Google did not hand over the permission",
        "Google ended the connection with an error. Nothing was connected.",
        "Try again. If it happens twice, tell the person who sent you the link.",
        retry=True,
        status=502,
    ),
}


def outcome_of(code: str) -> Outcome:
    """The outcome with this code; GOOGLE_FAILED for one that does not exist."""
    try:
        return Outcome(code)
    except ValueError:
        return Outcome.GOOGLE_FAILED
