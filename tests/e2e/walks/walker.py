"""Somebody with a browser: goes on by what is written on the pages, looks at each at two widths."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser import WIDTHS, runs_over, troubles
from tests.e2e.walks.letters import link_in

HEIGHT = 900


class Lost(Exception):
    """A page does not show what the walk needs; says which page and what it shows."""


class Walker:
    """One person's browser, with a mouse. `looked` has the names of the pages looked at, `found` what was wrong there.

    Without `script` the browser runs none of the pages' JavaScript.
    """

    def __init__(self, browser: Any, mail: Path, shots: Path, *, script: bool = True) -> None:
        context = browser.new_context(viewport={"width": WIDTHS[0], "height": HEIGHT}, java_script_enabled=script)
        self.page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.script = script
        self.looked: list[str] = []
        self.found: dict[str, list[str]] = {}
        self._mail, self._shots = mail, shots

    def look(self, name: str) -> None:
        """The page that is open is looked at at each width, and by axe where scripts run."""
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            if wrong := (troubles if self.script else runs_over)(self.page):
                self.found[f"{name} {width}"] = wrong
            self.page.screenshot(path=self._shots / f"{name}-{width}.png", full_page=True)
        self.page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
        self.looked.append(name)

    def press(self, name: str, *, exact: bool = False) -> None:
        """Press the first button, or follow the first link, with this name."""
        self._pressable(name, exact=exact).first.click()

    def fill(self, **fields: str) -> None:
        """Type into the fields with these names."""
        for name, value in fields.items():
            self.page.fill(f"[name={name}]", value)

    def send(self) -> None:
        """Send the form by the Enter key, from the field that was typed into last."""
        self.page.keyboard.press("Enter")

    def sees(self, text: str, *, seconds: float = 20) -> None:
        """Returns once the page shows the text, by itself. Raises Lost."""
        try:
            self.page.get_by_text(text).first.wait_for(timeout=seconds * 1000)
        except Exception as error:
            raise Lost(f"{self.page.url} does not show “{text}”: {self.text()[:1500]}") from error

    def text(self) -> str:
        """What the page says, in one line."""
        return " ".join(self.page.inner_text("body").split())

    def focused(self) -> str:
        """The name of the field that has the focus, or the text of what else has it."""
        return str(self.page.evaluate("(e => e.name || e.innerText || e.tagName)(document.activeElement)"))

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
            if found := link_in(self._mail, address, part):
                return found
            time.sleep(0.5)
        raise Lost(f"No mail to {address} has a link with {part}.")

    def _pressable(self, name: str, *, exact: bool) -> Any:
        return self.page.get_by_role("button", name=name, exact=exact).or_(
            self.page.get_by_role("link", name=name, exact=exact)
        )
