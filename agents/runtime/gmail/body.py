"""What a mail says, as plain text.

Owns the way through a message's parts as Gmail gives them (format `full`): which part is the text, and the names of
the attachments, which are never read. A mail is a stranger's: parts, depth and characters are bounded.
"""

from collections.abc import Mapping
from typing import Any

from agents.runtime.gmail.charset import claimed_charset, decode, unbase64
from agents.runtime.gmail.markup import markup_text
from agents.runtime.gmail.plain import cut, plain

LONGEST_BODY_CHARS = 12_000
LONGEST_PART_CHARS = 1_500_000  # of base64url
LONGEST_PLAIN_CHARS = 100_000
DEEPEST_PART = 20
MOST_PARTS = 200
MOST_HTML_PARTS = 5
MOST_ATTACHMENTS_NAMED = 20
LONGEST_NAME_CHARS = 100
LONGEST_HEADER_CHARS = 2_000

Part = Mapping[str, Any]
Headers = Mapping[str, str]


def body_text(payload: Part | None) -> str:
    """The text of a message's payload, at most 12,000 characters, the attachments' names at its end.

    text/plain where there is some, else the HTML as text. Never fails: what can't be read is left out.
    """
    reading = _Reading()
    text = plain(reading.text_of(payload or {}))
    notes = reading.attachments[:MOST_ATTACHMENTS_NAMED]
    more = len(reading.attachments) - len(notes)
    if more:
        notes.append(f"[{more} more attachments]")
    end = "\n".join(notes)
    return f"{cut(text, LONGEST_BODY_CHARS - len(end) - 2)}\n\n{end}".strip()


class _Reading:
    """One message's parts; `attachments` is complete once its text was taken."""

    def __init__(self) -> None:
        self.attachments: list[str] = []
        self._parts = 0
        self._html_parts = 0

    def text_of(self, part: Part, *, depth: int = 0, wanted: bool = True) -> str:
        """The text of a part and of those inside it; empty when it is not `wanted`, only its attachments are."""
        self._parts += 1
        if self._parts > MOST_PARTS or depth > DEEPEST_PART:
            return ""
        kind = _kind(part)
        if kind == "multipart/alternative":
            return self._alternative(part, depth, wanted)
        if kind.startswith("multipart/"):
            texts = [self.text_of(child, depth=depth + 1, wanted=wanted) for child in _children(part)]
            return "\n\n".join(text for text in texts if text.strip())
        headers = _headers(part)
        if _is_attached(part, headers):
            self.attachments.append(_note(part))
            return ""
        return self._leaf(part, kind, headers) if wanted else ""

    def _alternative(self, part: Part, depth: int, wanted: bool) -> str:
        """The first that says something, of plain text, then what holds several parts, then HTML."""
        text = ""
        for child in sorted(_children(part), key=_rank):
            text = self.text_of(child, depth=depth + 1, wanted=wanted and not text.strip()) or text
        return text

    def _leaf(self, part: Part, kind: str, headers: Headers) -> str:
        if kind not in ("text/plain", "text/html"):
            return ""
        data = str((part.get("body") or {}).get("data") or "")[:LONGEST_PART_CHARS]
        text = decode(unbase64(data), claimed_charset(headers.get("content-type", "")))
        if kind == "text/plain":
            return text[:LONGEST_PLAIN_CHARS]
        self._html_parts += 1
        return markup_text(text)[:LONGEST_PLAIN_CHARS] if self._html_parts <= MOST_HTML_PARTS else ""


def _kind(part: Part) -> str:
    return str(part.get("mimeType") or "text/plain").lower()


def _children(part: Part) -> list[Part]:
    return [child for child in part.get("parts") or [] if isinstance(child, Mapping)]


def _rank(part: Part) -> int:
    kind = _kind(part)
    return 0 if kind == "text/plain" else 1 if kind.startswith("multipart/") else 2


def _is_attached(part: Part, headers: Headers) -> bool:
    disposition = headers.get("content-disposition", "").partition(";")[0].strip().lower()
    if _kind(part).startswith("image/") and "content-id" in headers and disposition != "attachment":
        return False  # Part of the page: a logo, a line.
    # A mail inside the mail is a document of its own. Other parts without a name (calendars) are for programs.
    return bool(part.get("filename")) or disposition == "attachment" or _kind(part) == "message/rfc822"


def _note(part: Part) -> str:
    name, kind = (" ".join(plain(str(part.get(key) or "")).split()) for key in ("filename", "mimeType"))
    size = (part.get("body") or {}).get("size")
    kib = f", {max(1, size // 1024)} KiB" if isinstance(size, int) and size > 0 else ""
    return f"[attachment: {name[:LONGEST_NAME_CHARS] or 'without a name'}, {kind[:LONGEST_NAME_CHARS]}{kib}]"


def _headers(part: Part) -> Headers:
    """The three that matter, by lower-case name, the first of each; of no more structure than text."""
    headers: dict[str, str] = {}
    for header in part.get("headers") or []:
        name = str(header.get("name") or "").lower()
        if name in ("content-type", "content-disposition", "content-id"):
            headers.setdefault(name, " ".join(str(header.get("value") or "")[:LONGEST_HEADER_CHARS].split()))
    return headers
