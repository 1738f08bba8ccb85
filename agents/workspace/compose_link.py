"""A link that opens Gmail with an answer filled in. Only the person who opens it can send it."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

# RFC 9110, section 4.1: senders and recipients should support at least 8,000 octets; beyond, Gmail may refuse.
LONGEST_URL_CHARACTERS: Final = 8_000
_GMAIL: Final = "https://mail.google.com/mail/"


@dataclass(frozen=True, slots=True)
class ComposeLink:
    """The address, and whether the text stands in it; where it does not, it has to be copied."""

    url: str
    has_body: bool


def compose_link(*, account: str, recipient: str, subject: str, body: str) -> ComposeLink:
    """Gmail's compose window of `account`, with as much filled in as an address can hold."""
    fields = {"authuser": account, "view": "cm", "fs": "1", "to": recipient, "su": subject}
    # Gmail shows a line break only for CR LF.
    whole = _url({**fields, "body": body.replace("\r\n", "\n").replace("\n", "\r\n")})
    if len(whole) <= LONGEST_URL_CHARACTERS:
        return ComposeLink(whole, True)
    return ComposeLink(_url(fields), False)


def thread_link(*, account: str, thread_id: str) -> str:
    """The conversation in the Gmail of `account`."""
    return f"{_GMAIL}?{urlencode({'authuser': account})}#all/{quote(thread_id, safe='')}"


def _url(fields: dict[str, str]) -> str:
    return f"{_GMAIL}?{urlencode(fields, quote_via=quote)}"
