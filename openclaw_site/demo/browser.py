"""A small browser for the unattended demo: pages, forms, cookies a host, and every *.localhost name on loopback."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


class FormMissing(Exception):
    """The page has no such form: something else was shown than was expected."""


@dataclass
class Form:
    """A form of a page: where it goes, what it holds, what its buttons say."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    text: str = ""


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._open)
        form = self._open
        if form is None:
            return
        if tag == "input":
            form.text += " " + given.get("value", "") if given.get("type") == "submit" else ""
            unchecked = given.get("type") in {"checkbox", "radio"} and "checked" not in given
            if "name" in given and given.get("type") not in {"submit", "button"} and not unchecked:
                form.fields[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given.get("name")
        elif tag == "option" and self._select and ("selected" in given or self._select not in form.fields):
            form.fields[self._select] = given.get("value", "")
        elif tag == "textarea" and "name" in given:
            form.fields.setdefault(given["name"], "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.text += data


class _Loopback(httpx.HTTPTransport):
    """Sends `anything.localhost` to 127.0.0.1, as browsers do and resolvers may not. The Host header stays."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.host.endswith("localhost"):
            return super().handle_request(request)
        sent = httpx.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1"),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return super().handle_request(sent)


@dataclass(frozen=True)
class Page:
    """What was shown: the address it came from, its status and its text."""

    url: str
    status: int
    text: str

    def form(self, saying: str) -> Form:
        """The form whose text (buttons, labels) has `saying`. Raises FormMissing."""
        parser = _Forms()
        parser.feed(self.text)
        for form in parser.forms:
            if saying.lower() in form.text.lower() or saying in form.fields:
                return form
        raise FormMissing(f"{self.url} (status {self.status}) shows no form with “{saying}”.")


class Browser:
    """Keeps cookies and follows redirects. Raises httpx.HTTPError when a server does not answer."""

    def __init__(self) -> None:
        self._client = httpx.Client(transport=_Loopback(), follow_redirects=True, timeout=30.0)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def open(self, url: str) -> Page:
        """The page at `url`, after redirects."""
        return self._page(self._client.get(url))

    def submit(self, page: Page, saying: str, **values: str) -> Page:
        """Send the form of `page` that has `saying`, with `values` filled in; the page after redirects."""
        form = page.form(saying)
        url, data = urljoin(page.url, form.action), {**form.fields, **values}
        if form.method == "get":
            return self._page(self._client.get(url, params=data))
        return self._page(self._client.post(url, data=data, headers={"Referer": page.url}))

    @staticmethod
    def _page(response: httpx.Response) -> Page:
        return Page(str(response.url), response.status_code, response.text)
