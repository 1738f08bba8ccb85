"""A message's `payload` as Gmail makes it of the mail that came in.

emulate reads every mail as UTF-8, and gives one text and one HTML part without their headers. Here the parts stand as
they came, the transfer encoding undone. Google does not say whether it changes the character set: it stays as sent.
"""

import base64
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from typing import Any


def payload_of(raw: bytes) -> dict[str, Any]:
    """The tree of a mail's parts, attachments without their data."""
    return _part(message_from_bytes(_mended(raw), policy=policy.compat32), part_id="")


def _mended(raw: bytes) -> bytes:
    """emulate ends the headers of a mail that it was seeded with one line too early, before its Content-Type."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    return head + b"\r\n" + body if gap and body.startswith(b"Content-Type: ") else raw


def _part(message: Message, *, part_id: str) -> dict[str, Any]:
    part: dict[str, Any] = {
        "partId": part_id,
        "mimeType": message.get_content_type(),
        "filename": readable(message.get_filename() or ""),
        "headers": [{"name": name, "value": readable(str(value))} for name, value in message.raw_items()],
    }
    if message.is_multipart():
        prefix = f"{part_id}." if part_id else ""
        part["body"] = {"size": 0}
        part["parts"] = [
            _part(child, part_id=f"{prefix}{number}")
            for number, child in enumerate(message.get_payload())
            if isinstance(child, Message)
        ]
        return part
    data = _content(message)
    part["body"] = {"size": len(data)}
    if part["filename"]:
        part["body"]["attachmentId"] = f"part-{part_id}"
    elif data:
        part["body"]["data"] = base64.urlsafe_b64encode(data).decode()
    return part


def _content(message: Message) -> bytes:
    del message["Content-Type"]  # Python would try the character set that it names, which may be none.
    content = message.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def readable(value: str) -> str:
    """A header's value in one line, its encoded words decoded."""
    value = " ".join(value.encode("utf-8", "surrogateescape").decode("utf-8", "replace").split())
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, ValueError):
        return value
