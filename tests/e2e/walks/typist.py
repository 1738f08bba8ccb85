"""Somebody without a mouse: Tab, Enter, Space and letters. Each stop must be seen to have the focus."""

from typing import Any
from urllib.parse import urlsplit

from tests.e2e.walks.walker import Lost, Walker

# More stops than any page has.
STOPS = 120
# What has the focus: what it is called, and whether it is seen. Nothing else may have such an outline.
_STOP = """() => {
  const active = document.activeElement;
  if (!active || active === document.body) return null;
  const outlined = e => (s => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2)(getComputedStyle(e));
  const box = active.getBoundingClientRect();
  const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const others = [...document.querySelectorAll("a, button, input, select, textarea, summary")];
  return {
    field: active.getAttribute("name") || "",
    text: (active.getAttribute("aria-label") || active.innerText || "").trim().replace(/\\s+/g, " "),
    seen: seen && outlined(active) && !others.some(e => e !== active && outlined(e)),
    what: active.outerHTML.slice(0, 120),
  };
}"""


class Typist(Walker):
    """A walker by keyboard alone; `unseen` has the stops whose focus can't be seen, on our own pages."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.unseen: list[str] = []

    def press(self, name: str, *, exact: bool = False) -> None:
        """On to the button or link by Tab, then Enter."""

        def wanted(stop: dict[str, Any]) -> bool:
            text = str(stop["text"])
            return text == name if exact else name.lower() in text.lower()

        self._pressable(name, exact=exact).first.wait_for()
        self._tab_until(wanted, name)
        self.page.keyboard.press("Enter")

    def fill(self, **fields: str) -> None:
        """On to each field by Tab, then type over what is there."""
        for name, value in fields.items():
            self.page.locator(f"[name={name}]").first.wait_for()
            self._tab_until(lambda stop, name=name: stop["field"] == name, name)
            self.page.keyboard.press("Control+a")
            self.page.keyboard.type(value)

    def tour(self) -> list[str]:
        """Once around the page, from its beginning to where Tab leaves it: each stop's text or name. Raises Lost.

        A page that never lets go of the focus is one that a person can't leave.
        """
        self.page.reload()
        self.page.evaluate("document.activeElement.blur()")
        names: list[str] = []
        for _ in range(STOPS):
            stop = self._tab()
            name = stop and (stop["text"] or stop["field"])
            if stop is None or (names and name == names[0]):
                return names
            names.append(str(name))
        raise Lost(f"The keyboard does not get out of {self.page.url}: {names[-5:]}")

    def _tab_until(self, wanted: Any, what: str) -> None:
        stop = self.page.evaluate(_STOP)
        for _ in range(STOPS):
            if stop and wanted(stop):
                return
            stop = self._tab()
        raise Lost(f"The keyboard does not reach “{what}” at {self.page.url}.")

    def _tab(self) -> dict[str, Any] | None:
        self.page.keyboard.press("Tab")
        stop: dict[str, Any] | None = self.page.evaluate(_STOP)
        if stop and not stop["seen"] and str(urlsplit(self.page.url).hostname).endswith("localhost"):
            self.unseen.append(f"{self.page.url} {stop['what']}")
        return stop
