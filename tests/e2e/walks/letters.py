"""The mails that the walks' people get: files that Django's backend leaves."""

import email
import email.policy
import re
from pathlib import Path
from typing import Any


def link_in(folder: Path, address: str, part: str) -> str:
    """The link with `part` in the newest mail to the address that has one; empty without."""
    for message in reversed(_letters(folder)):
        body = message.get_body(("plain",))
        links = re.findall(r"https?://\S+", body.get_content()) if body else []
        if address in str(message["To"]) and (found := [link for link in links if part in link]):
            return str(found[0])
    return ""


def _letters(folder: Path) -> list[Any]:
    """The oldest first."""
    letters = []
    for file in sorted(folder.glob("*.log"), key=lambda one: one.stat().st_mtime_ns):
        for part in re.split(rb"\n-{79}\n", file.read_bytes()):
            if part.strip():
                letters.append(email.message_from_bytes(part.lstrip(b"\n"), policy=email.policy.default))
    return letters
