"""A Gmail and a token server on loopback that fail on command.

emulate plays Gmail where it behaves; this one is for what it cannot do: stall, answer 429 and 5xx, refuse
scopes and accounts, revoke. It knows the requests that the runtime makes and counts them.
"""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from tests.runtime.factories import ADDRESS

# `stop` waits for the server's next look at whether it was told to.
POLL_SECONDS = 0.02
FIRST_HISTORY = 1000
READ_SCOPE = "https://www.googleapis.com/auth/gmail.readonly"


@dataclass
class Answer:
    """A fault: what is sent instead of the real answer."""

    status: int
    body: object = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def api_error(status, reason, message="refused"):
    return Answer(status, {"error": {"code": status, "message": message, "errors": [{"reason": reason}]}})


class LoopbackGmail:
    """State of the mailbox, newest message first in `mail`, and the faults to come."""

    def __init__(self):
        self.address = ADDRESS
        self.mail: dict[str, dict] = {}
        self.changes: list[dict] = []
        self.oldest_history = 0
        self.scope = READ_SCOPE
        self.access_token = "access-hush"
        self.token_faults: list[Answer] = []
        self.list_faults: list[Answer] = []
        self.get_faults: list[Answer] = []
        self.history_faults: list[Answer] = []
        self.always: Answer | None = None
        self.profiles = 0
        self.histories = 0
        self.lists = 0
        self.threads = 0
        self.gets: list[str] = []
        self.refreshes = 0
        self.connections = 0
        self.stalled = 0
        self.refused = threading.Event()
        self.stall = False
        self.after_list = lambda: None
        self._changed = threading.Condition()
        self._release = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler_for(self))
        threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()

    @property
    def calls(self):
        """Requests to the API, refused ones too."""
        return self.profiles + self.histories + self.lists + self.threads + len(self.gets)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def secret(self, **changes):
        return {
            "access_token": "",
            "refresh_token": "refresh-token-hush",
            "token_uri": f"{self.url}/token",
            "client_id": "client",
            "client_secret": "client-secret-hush",
            "scopes": [READ_SCOPE],
            **changes,
        }

    def deliver(self, count, *, start=1):
        """`count` more messages, numbered from `start`, each newer than all before."""
        for number in range(start, start + count):
            self.put(_message(number))

    def put(self, message):
        """One more message, newer than all before."""
        self.mail = {message["id"]: message, **self.mail}
        self.change("messagesAdded", message["id"])

    def delete(self, gmail_id):
        """The owner deletes a message for good."""
        self.change("messagesDeleted", gmail_id)
        del self.mail[gmail_id]

    def change(self, kind, gmail_id, **more):
        """One more record of history."""
        labels = self.mail[gmail_id]["labelIds"]
        change = {"message": {"id": gmail_id, "threadId": self.mail[gmail_id]["threadId"], "labelIds": labels}, **more}
        self.changes.append({"id": str(FIRST_HISTORY + len(self.changes) + 1), kind: [change]})

    def expire_history(self):
        """Every history id that was given out is too old, but for the newest."""
        self.oldest_history = self.history_id

    @property
    def history_id(self):
        return FIRST_HISTORY + len(self.changes)

    def release(self):
        """Answers what is stalled, and stalls no more."""
        self.stall = False
        self._release.set()

    def stop(self):
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def count_connection(self, change):
        with self._changed:
            self.connections += change
            self._changed.notify_all()

    def hung_up(self, timeout=5):
        """Whether all connections are closed in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self.connections == 0, timeout)

    def stalling(self, count, timeout=20):
        """Whether that many requests come and wait for an answer in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self.stalled >= count, timeout)

    def wait_if_stalling(self):
        if self.stall:
            with self._changed:
                self.stalled += 1
                self._changed.notify_all()
            self._release.wait(60)

    def answer_token(self):
        self.refreshes += 1
        if self.token_faults:
            return self.token_faults.pop(0)
        return Answer(
            200, {"access_token": self.access_token, "expires_in": 3600, "token_type": "Bearer", "scope": self.scope}
        )

    def answer_api(self, path, query, authorization):
        _, _, _, _, user, resource, *rest = [unquote(part) for part in path.split("/")]
        if self.always:
            self.refused.set()
            return self.always
        if authorization != f"Bearer {self.access_token}":
            return api_error(401, "authError")
        if user not in ("me", self.address):
            return api_error(403, "forbidden", f"Delegation denied for {self.address}")
        if resource == "messages" and not rest:
            return self._answer_list(query)
        if resource == "history":
            return self._answer_history(query)
        answers = {"profile": self._answer_profile, "messages": self._answer_get, "threads": self._answer_thread}
        return answers[resource](*rest)

    def _answer_profile(self):
        self.profiles += 1
        return Answer(200, {"emailAddress": self.address, "historyId": str(self.history_id)})

    def _answer_history(self, query):
        self.histories += 1
        if self.history_faults:
            return self.history_faults.pop(0)
        began = int(query["startHistoryId"][0])
        if began < self.oldest_history:
            return api_error(404, "notFound")
        records = [record for record in self.changes if int(record["id"]) > began]
        size, start = int(query["maxResults"][0]), int(query.get("pageToken", ["0"])[0])
        body: dict = {"historyId": str(self.history_id)}
        if records[start : start + size]:
            body["history"] = records[start : start + size]
        if start + size < len(records):
            body["nextPageToken"] = str(start + size)
        return Answer(200, body)

    def _answer_thread(self, thread_id):
        self.threads += 1
        found = [message for message in self.mail.values() if message["threadId"] == thread_id]
        return Answer(200, {"id": thread_id, "messages": found[::-1]}) if found else api_error(404, "notFound")

    def _answer_list(self, query):
        self.lists += 1
        if self.list_faults:
            return self.list_faults.pop(0)
        size, start = int(query["maxResults"][0]), int(query.get("pageToken", ["0"])[0])
        ids = list(self.mail)[start : start + size]
        body: dict = {"messages": [{"id": gmail_id, "threadId": gmail_id} for gmail_id in ids]}
        if start + size < len(self.mail):
            body["nextPageToken"] = str(start + size)
        self.after_list()
        return Answer(200, body)

    def _answer_get(self, gmail_id):
        self.gets.append(gmail_id)
        if self.get_faults:
            return self.get_faults.pop(0)
        found = self.mail.get(gmail_id)
        return Answer(200, found) if found else api_error(404, "notFound")


def make_part(kind, content, *, filename="", headers=(), charset="utf-8"):
    """A part of a message as Gmail gives it."""
    raw = content if isinstance(content, bytes) else content.encode(charset)
    body = {"size": len(raw)}
    if not filename:
        body["data"] = base64.urlsafe_b64encode(raw).decode()
    named = [{"name": "Content-Type", "value": f"{kind}; charset={charset}"}, *headers]
    return {"mimeType": kind, "filename": filename, "headers": named, "body": body}


def _message(number):
    headers = [
        {"name": "From", "value": f"Sender-hush {number} <s{number}@example.org>"},
        {"name": "To", "value": ADDRESS},
        {"name": "Subject", "value": f"Subject-hush {number}"},
    ]
    return {
        "id": f"m{number}",
        "threadId": f"t{number}",
        "labelIds": ["INBOX"],
        "snippet": f"Snippet-hush {number}",
        "internalDate": str(1_700_000_000_000 + number * 60_000),
        "payload": make_part("text/plain", f"Body-hush {number}\r\n", headers=headers),
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """The runtime hangs up when it is stopped."""


def _handler_for(gmail):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: in two, the second waits 40 ms for the first to be acknowledged.
        wbufsize = -1

        def setup(self):
            super().setup()
            gmail.count_connection(1)

        def finish(self):
            super().finish()
            gmail.count_connection(-1)

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self._send(gmail.answer_token())

        def do_GET(self):
            gmail.wait_if_stalling()
            url = urlsplit(self.path)
            self._send(gmail.answer_api(url.path, parse_qs(url.query), self.headers["Authorization"]))

        def _send(self, answer):
            raw = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format, *args):
            pass

    return Handler
