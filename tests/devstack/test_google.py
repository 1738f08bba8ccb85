"""Consent, tokens and mail answer as Google's do, also where wrong code would like them not to."""

import base64
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from openclaw_site.devstack.google import Google
from openclaw_site.devstack.google.mailbox import demo_mailboxes
from openclaw_site.devstack.world import World

READ = "https://www.googleapis.com/auth/gmail.readonly"
OLIVIA = "olivia@harborline-roofing.example"
JONAS = "jonas@fernweh-travel.example"


class Browser:
    """A person at the consent page, and the program that they come back to."""

    def __init__(self, google: Google) -> None:
        self.google = google
        self.http = httpx.Client(base_url=google.url, trust_env=False)
        self.redirect_uri = google.redirect_uris[0]

    def page(self, **changes: str) -> httpx.Response:
        asked = {
            "client_id": self.google.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": f"openid email {READ}",
            "state": "s1",
            "access_type": "offline",
            "prompt": "consent",
        }
        return self.http.get("/o/oauth2/v2/auth", params={**asked, **changes})

    def consent(self, email: str, withhold: str = "", **changes: str) -> dict[str, list[str]]:
        """Choose an account; returns what comes back to the redirect address."""
        forms = re.findall(r"<form.*?</form>", self.page(**changes).text, re.DOTALL)
        form = next(form for form in forms if f'value="{email}"' in form)
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="(.*?)"', form))
        fields = {name: unescape(value) for name, value in fields.items()}
        if withhold:
            fields["withhold"] = withhold
        reply = self.http.post("/o/oauth2/v2/auth/callback", data=fields)
        assert reply.status_code == 302
        return parse_qs(urlsplit(reply.headers["location"]).query)

    def token(self, **fields: str) -> httpx.Response:
        client = {"client_id": self.google.client_id, "client_secret": self.google.client_secret}
        return self.http.post("/oauth2/token", data={**client, **fields})

    def exchange(self, code: str) -> httpx.Response:
        return self.token(grant_type="authorization_code", code=code, redirect_uri=self.redirect_uri)

    def connect(self, email: str, **options: str) -> dict[str, Any]:
        """Consent and exchange; returns the token answer."""
        reply = self.exchange(self.consent(email, **options)["code"][0])
        assert reply.status_code == 200
        return dict(reply.json())

    def refresh(self, token: str) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def gmail(self, token: str, path: str = "profile", **params: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.get(f"/gmail/v1/users/me/{path}", headers=headers, params=params)


@pytest.fixture
def browser(world: World) -> Iterator[Browser]:
    browser = Browser(world.google)
    yield browser
    world.google.gmail_fault = None
    for email in world.google.accounts:
        world.google.withdraw(email)
    browser.http.close()


def test_consent_leads_to_the_mail_of_that_account_alone(browser: Browser) -> None:
    tokens = browser.connect(OLIVIA)
    assert browser.gmail(tokens["access_token"]).json()["emailAddress"] == OLIVIA
    first = browser.gmail(tokens["access_token"], "messages").json()["messages"][0]["id"]
    other = browser.connect(JONAS)
    assert browser.gmail(other["access_token"], f"messages/{first}").status_code == 404


def test_token_answer_names_the_scopes_that_were_given(browser: Browser) -> None:
    expected = f"openid https://www.googleapis.com/auth/userinfo.email {READ}"
    assert browser.connect(OLIVIA)["scope"] == expected


def test_userinfo_gives_the_address(browser: Browser) -> None:
    token = browser.connect(OLIVIA)["access_token"]
    reply = browser.http.get("/oauth2/v2/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert (reply.json()["email"], reply.json()["email_verified"]) == (OLIVIA, True)


def test_refused_consent_comes_back_as_access_denied(browser: Browser) -> None:
    link = re.search(r'id="cancel"[^>]*href="(.*?)"', browser.page().text)
    assert link is not None
    back = parse_qs(urlsplit(unescape(link[1])).query)
    assert back == {"error": ["access_denied"], "state": ["s1"]}


def test_scope_kept_back_is_missing_everywhere(browser: Browser) -> None:
    tokens = browser.connect(OLIVIA, withhold=READ)
    assert READ not in tokens["scope"]
    reply = browser.gmail(tokens["access_token"], "messages")
    assert reply.status_code == 403
    assert reply.json()["error"]["errors"][0]["reason"] == "insufficientPermissions"


def test_unknown_access_token_opens_nobodys_mailbox(browser: Browser) -> None:
    for headers in ({}, {"Authorization": "Bearer google_guess"}):
        reply = browser.http.get("/gmail/v1/users/me/messages", headers=headers)
        assert (reply.status_code, reply.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_read_scope_can_not_send(browser: Browser) -> None:
    headers = {"Authorization": f"Bearer {browser.connect(OLIVIA)['access_token']}"}
    assert browser.http.post("/gmail/v1/users/me/messages/send", headers=headers, json={}).status_code == 403


def test_code_works_once(browser: Browser) -> None:
    code = browser.consent(OLIVIA)["code"][0]
    assert browser.exchange(code).status_code == 200
    assert browser.exchange(code).json()["error"] == "invalid_grant"


def test_code_is_bound_to_its_redirect_address(browser: Browser) -> None:
    code = browser.consent(OLIVIA)["code"][0]
    reply = browser.token(grant_type="authorization_code", code=code, redirect_uri="http://localhost/else")
    assert reply.json()["error"] == "redirect_uri_mismatch"


def test_unregistered_redirect_address_gets_no_consent_page(browser: Browser) -> None:
    assert browser.page(redirect_uri="http://evil.example/").status_code == 400


def test_wrong_client_secret_is_refused(browser: Browser) -> None:
    token = browser.connect(OLIVIA)["refresh_token"]
    reply = browser.token(grant_type="refresh_token", refresh_token=token, client_secret="wrong")
    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")


def test_expired_access_token_is_refused_and_can_be_refreshed(browser: Browser) -> None:
    tokens = browser.connect(OLIVIA)
    browser.google.expire_access_tokens()
    assert browser.gmail(tokens["access_token"]).status_code == 401
    fresh = browser.refresh(tokens["refresh_token"]).json()
    assert "refresh_token" not in fresh
    assert browser.gmail(fresh["access_token"]).status_code == 200


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_revoking_either_token_ends_both(browser: Browser, which: str) -> None:
    tokens = browser.connect(OLIVIA)
    assert browser.http.post("/oauth2/revoke", data={"token": tokens[which]}).status_code == 200
    assert browser.gmail(tokens["access_token"]).status_code == 401
    assert browser.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert browser.http.post("/oauth2/revoke", data={"token": tokens[which]}).status_code == 400


def test_owner_can_withdraw_access(browser: Browser) -> None:
    tokens, other = browser.connect(OLIVIA), browser.connect(JONAS)
    assert browser.google.withdraw(OLIVIA) == 1
    assert browser.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert browser.refresh(other["refresh_token"]).status_code == 200


def test_refresh_token_comes_only_for_offline_access(browser: Browser) -> None:
    assert "refresh_token" not in browser.connect(OLIVIA, access_type="online")
    assert "refresh_token" in browser.connect(OLIVIA, prompt="")
    assert "refresh_token" not in browser.connect(OLIVIA, prompt="")
    assert "refresh_token" in browser.connect(OLIVIA, prompt="consent")


def test_new_mail_is_history(browser: Browser) -> None:
    token = browser.connect(OLIVIA)["access_token"]
    before = browser.gmail(token).json()["historyId"]
    # Gmail leaves an empty list out.
    assert browser.gmail(token, "history", startHistoryId=before).json() == {"historyId": before}
    sent = browser.google.deliver(OLIVIA, sender="Ada <ada@new.example>", subject="Dach", text="Größe?")
    answer = browser.gmail(token, "history", startHistoryId=before, labelId="INBOX").json()
    message = {"id": sent, "threadId": answer["history"][0]["messages"][0]["threadId"]}
    added = {"message": {**message, "labelIds": ["INBOX", "UNREAD"]}}
    assert answer["history"] == [{"id": answer["historyId"], "messages": [message], "messagesAdded": [added]}]
    assert int(answer["historyId"]) > int(before)
    assert browser.gmail(token).json()["historyId"] == answer["historyId"]
    assert browser.gmail(token, f"messages/{sent}").json()["snippet"] == "Größe?"


def changes(browser: Browser, token: str, start: str, **params: Any) -> list[tuple[str, str]]:
    """Kind and message of what history holds since `start`, from all pages."""
    found, page = [], {"nextPageToken": ""}
    while "nextPageToken" in page:
        asked = {"startHistoryId": start, "maxResults": "2", "pageToken": page["nextPageToken"], **params}
        page = browser.gmail(token, "history", **asked).json()
        assert len(page.get("history", [])) <= 2
        for record in page.get("history", []):
            kinds = ("messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved")
            found += [(kind, change["message"]["id"]) for kind in kinds for change in record.get(kind, [])]
    return found


def test_history_is_chosen_by_label_and_type_and_comes_in_pages(browser: Browser) -> None:
    google, token = browser.google, browser.connect(JONAS)["access_token"]
    before = browser.gmail(token).json()["historyId"]
    ids = [google.deliver(JONAS, sender="a@new.example", subject=str(n), text="x") for n in range(3)]
    archived = google.deliver(JONAS, sender="a@new.example", subject="4", text="x", labels=["UNREAD"])
    google.relabel(JONAS, ids[0], add=["STARRED"])
    google.relabel(JONAS, ids[1], remove=["INBOX"])
    google.relabel(JONAS, archived, add=["INBOX"], remove=["UNREAD"])
    google.delete(JONAS, ids[2])
    added = [("messagesAdded", gmail_id) for gmail_id in (*ids, archived)]
    assert changes(browser, token, before, historyTypes="messageAdded") == added
    assert changes(browser, token, before, labelId="INBOX") == [
        ("messagesAdded", ids[0]),
        ("messagesAdded", ids[2]),
        ("messagesAdded", archived),
        ("labelsAdded", ids[0]),
        ("labelsRemoved", ids[1]),
        ("labelsAdded", archived),
        ("labelsRemoved", archived),
        ("messagesDeleted", ids[2]),
    ]
    assert changes(browser, token, before, historyTypes=["messageDeleted"]) == [("messagesDeleted", ids[2])]


def test_history_id_that_is_too_old_or_none_is_refused(browser: Browser) -> None:
    token = browser.connect(OLIVIA)["access_token"]
    before = browser.gmail(token).json()["historyId"]
    browser.google.deliver(OLIVIA, sender="ada@new.example", subject="Dach", text="x")
    browser.google.expire_history(OLIVIA)
    reply = browser.gmail(token, "history", startHistoryId=before)
    assert (reply.status_code, reply.json()["error"]["errors"][0]["reason"]) == (404, "notFound")
    newest = browser.gmail(token).json()["historyId"]
    assert browser.gmail(token, "history", startHistoryId=newest).status_code == 200
    assert browser.gmail(token, "history", startHistoryId="soon").status_code == 400
    assert browser.gmail(token, "history", startHistoryId=newest, historyTypes="messagesAdded").status_code == 400


def test_full_message_has_its_parts_as_they_came_in(browser: Browser) -> None:
    raw = (
        b"From: =?iso-8859-1?q?J=FCrgen?= <j@new.example>\r\nTo: x@y.example\r\nSubject: Dach\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="B"\r\n\r\n'
        b"--B\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        b"Gr=FC=DFe\r\n"
        b'--B\r\nContent-Type: application/pdf; name="plan.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
        b'Content-Disposition: attachment; filename="plan.pdf"\r\n\r\nJVBERi0=\r\n--B--\r\n'
    )
    token = browser.connect(OLIVIA)["access_token"]
    gmail_id = browser.google.deliver_raw(OLIVIA, raw)
    message = browser.gmail(token, f"messages/{gmail_id}", format="full").json()
    payload = message["payload"]
    headers = {header["name"]: header["value"] for header in payload["headers"]}
    assert (payload["mimeType"], headers["From"]) == ("multipart/mixed", "Jürgen <j@new.example>")
    text, attachment = payload["parts"]
    assert base64.urlsafe_b64decode(text["body"]["data"]) == b"Gr\xfc\xdfe"
    assert {"name": "Content-Type", "value": "text/plain; charset=iso-8859-1"} in text["headers"]
    assert (attachment["filename"], attachment["body"]["size"]) == ("plan.pdf", 5)
    assert "data" not in attachment["body"]
    thread = browser.gmail(token, f"threads/{message['threadId']}").json()
    assert [entry["payload"] for entry in thread["messages"]] == [payload]


def test_answer_has_only_the_fields_asked_for(browser: Browser) -> None:
    token = browser.connect(OLIVIA)["access_token"]
    assert list(browser.gmail(token, fields="historyId").json()) == ["historyId"]
    listed = browser.gmail(token, "messages", maxResults="1", fields="messages(id),nextPageToken").json()
    gmail_id = listed["messages"][0]["id"]
    assert (list(listed), listed["messages"]) == (["messages", "nextPageToken"], [{"id": gmail_id}])
    message = browser.gmail(token, f"messages/{gmail_id}", fields="id,payload/headers(name)").json()
    assert {tuple(header) for header in message["payload"].pop("headers")} == {("name",)}
    assert message == {"id": gmail_id, "payload": {}}


@pytest.mark.parametrize("status", [429, 503])
def test_gmail_can_be_broken(browser: Browser, status: int) -> None:
    token = browser.connect(OLIVIA)["access_token"]
    browser.google.gmail_fault = status
    assert browser.gmail(token).status_code == status


def test_every_demo_mailbox_has_a_varied_dozen() -> None:
    boxes = {box.email: box.messages for box in demo_mailboxes()}
    for email in (OLIVIA, JONAS):
        mails = boxes[email]
        assert len(mails) >= 12
        threads = [mail.thread for mail in mails if mail.thread]
        assert max(threads.count(thread) for thread in threads) >= 3
        texts = " ".join(f"{mail.subject} {mail.text}" for mail in mails).lower()
        assert re.search(r"ignore all previous instructions|system override", texts)
        addresses = re.findall(r"@([\w.-]+\w)", " ".join(f"{mail.sender} {mail.text}" for mail in mails))
        assert {address.rsplit(".", 1)[-1] for address in addresses} == {"example"}


def test_demo_mail_comes_as_it_was_written(browser: Browser) -> None:
    token = browser.connect(JONAS)["access_token"]
    listed = browser.gmail(token, "messages", maxResults=100).json()["messages"]
    found = {}
    for entry in listed:
        payload = browser.gmail(token, f"messages/{entry['id']}", format="full").json()["payload"]
        subject = next(header["value"] for header in payload["headers"] if header["name"] == "Subject")
        found[subject] = base64.urlsafe_b64decode(payload["body"]["data"]).decode()
    wanted = {mail.subject: mail.text for box in demo_mailboxes() if box.email == JONAS for mail in box.messages}
    once = {subject: text for subject, text in wanted.items() if not subject.startswith("Re:")}
    assert {subject: found.get(subject) for subject in once} == once
