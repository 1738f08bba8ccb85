"""Somebody with a browser: goes on by what is written on the pages, looks at each at two widths, reads the mail."""

import email
import email.policy
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser import WIDTHS, troubles

HEIGHT = 900


class Lost(Exception):
    """A page does not show what the walk needs; says which page and what it shows."""


class Walker:
    """One person's browser. `looked` has the name of every page that was looked at, `found` what was wrong there."""

    def __init__(self, browser: Any, mail: Path, shots: Path) -> None:
        self._context = browser.new_context(viewport={"width": WIDTHS[0], "height": HEIGHT})
        self.page = self._context.new_page()
        self.page.set_default_timeout(20_000)
        self.looked: list[str] = []
        self.found: dict[str, list[str]] = {}
        self._mail, self._shots = mail, shots

    def look(self, name: str) -> None:
        """The page that is open is looked at, by axe too, at each width."""
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            if wrong := troubles(self.page):
                self.found[f"{name} {width}"] = wrong
            self.page.screenshot(path=self._shots / f"{name}-{width}.png", full_page=True)
        self.page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
        self.looked.append(name)

    def press(self, name: str) -> None:
        """Press the button, or follow the link, with this name."""
        self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name)).first.click()

    def fill(self, **fields: str) -> None:
        """Type into the fields with these names."""
        for name, value in fields.items():
            self.page.fill(f"[name={name}]", value)

    def sees(self, text: str, *, seconds: float = 20) -> None:
        """Returns once the page shows the text, by itself. Raises Lost."""
        try:
            self.page.get_by_text(text).first.wait_for(timeout=seconds * 1000)
        except Exception as error:
            raise Lost(f"{self.page.url} does not show “{text}”: {self.text()[:1500]}") from error

    def text(self) -> str:
        """What the page says, in one line."""
        return " ".join(self.page.inner_text("body").split())

    def reload_until(self, holds: Callable[[], bool], what: str, *, seconds: float) -> None:
        """Load the page again until it holds. Raises Lost."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise Lost(f"Waited {seconds:.0f} s in vain for {what} at {self.page.url}: {self.text()[:1500]}")
            time.sleep(1)
            self.page.reload()

    def link_for(self, address: str, part: str, *, seconds: float = 40) -> str:
        """The link with `part` in the newest mail to the address that has one. Raises Lost."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for message in reversed(_letters(self._mail)):
                body = message.get_body(("plain",))
                links = re.findall(r"https?://\S+", body.get_content()) if body else []
                if address in str(message["To"]) and (found := [link for link in links if part in link]):
                    return found[0]
            time.sleep(0.5)
        raise Lost(f"No mail to {address} has a link with {part}.")


def _letters(folder: Path) -> list[Any]:
    """The mails of Django's file backend, the oldest first."""
    letters = []
    for file in sorted(folder.glob("*.log"), key=lambda one: one.stat().st_mtime_ns):
        for part in re.split(rb"\n-{79}\n", file.read_bytes()):
            if part.strip():
                letters.append(email.message_from_bytes(part.lstrip(b"\n"), policy=email.policy.default))
    return letters
