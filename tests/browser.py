"""A real browser: Debian's Chromium, driven by Playwright, with axe for what a page asks of people."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.test import Client

WIDTHS = (390, 1280)
CHROMIUM = shutil.which("chromium")
# Skips where there is none, and says so; with CI set the test runs, and fails.
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="chromium is not installed (apt-get install chromium)"
)


def launch(playwright: Any) -> Any:
    """The browser, without a window."""
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    )


def troubles(page: Any) -> list[str]:
    """What axe calls serious or critical, and a page that is wider than the window."""
    from axe_playwright_python.sync_playwright import Axe

    found = [
        f"{one['id']}: {[node['target'] for node in one['nodes']]}"
        for one in Axe().run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    return [*found, *runs_over(page)]


def runs_over(page: Any) -> list[str]:
    """That the page is wider than the window. Needs no script on the page, which axe does."""
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return ["runs over"] if wide else []


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the request log tells the same."""


@contextmanager
def served() -> Iterator[int]:
    """The port where this process serves all hosts; a thread a connection, as a browser opens some in advance."""
    from openclaw_site.wsgi import application

    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.daemon_threads = True
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def visited(
    pages: dict[str, list[str]],
    clients: dict[str, tuple[Client, str]],
    port: int,
    status: dict[tuple[str, str], int] | None = None,
) -> dict[str, Any]:
    """The troubles of each page for each person, on a phone in the dark and on a desk in the light.

    With SHOTS=FOLDER in the environment each page's picture is left there, to be looked at. The browser's loop runs
    in a thread: it must not run in the one that holds the test's database connection.
    """
    found: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: found.append(_look(pages, clients, port, status or {})))
    thread.start()
    thread.join()
    return found[0]


def _look(
    pages: dict[str, list[str]],
    clients: dict[str, tuple[Client, str]],
    port: int,
    status: dict[tuple[str, str], int],
) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    found = {}
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for who, (client, host) in clients.items():
            for width, scheme in zip(WIDTHS, ("dark", "light"), strict=True):
                context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
                context.add_cookies(
                    [
                        {"name": name, "value": morsel.value, "domain": host, "path": "/"}
                        for name, morsel in client.cookies.items()
                    ]
                )
                page = context.new_page()
                for path in pages[who]:
                    reply = page.goto(f"http://{host}:{port}{path}", wait_until="load")
                    assert reply is not None
                    wrong = troubles(page)
                    if reply.status != status.get((who, path), 200) or wrong:
                        found[f"{who} {width} {path}"] = (reply.status, wrong)
                    if folder := os.environ.get("SHOTS"):
                        name = path.partition("?")[0].strip("/").replace("/", "-")[:24] or "first"
                        page.screenshot(path=Path(folder) / f"{who}-{width}-{name}.png", full_page=True)
                context.close()
        browser.close()
    return found
