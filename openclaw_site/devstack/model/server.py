"""The stub model's HTTP side: paths, authentication, streams, and breaking off on command."""

import contextlib
import http.client
import json
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, ClassVar

from . import signature, wire
from .conversation import Json, read, unanswered
from .misbehaviour import STATUSES, Misbehaviour, Script, scripted_move
from .tokens import count

if TYPE_CHECKING:
    from .service import Model

BEDROCK = "/anthropic/v1/messages"
ANTHROPIC = "/v1/messages"
COUNT = "/count_tokens"
CONTROL = "/_control"
MOST_BYTES = 32 * 1024 * 1024  # the Messages API's own limit

_NO_EVENTS = b'event: message_start\ndata: {"type": "message_start", "message": {\n\nevent: ???\ndata: <html>\n\n'


class Handler(BaseHTTPRequestHandler):
    """One request. `owner` is the model that it is put to."""

    owner: ClassVar["Model"]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # who asked has gone
            super().handle()

    def do_GET(self) -> None:
        if self.path == CONTROL:
            self._json(200, self.owner.state())
        else:
            self._json(404, wire.error("not_found_error", "Not found"))

    def do_POST(self) -> None:
        try:
            self._answer()
        except OSError:  # who asked has gone
            self.close_connection = True

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BYTES:
            self.close_connection = True
            self._json(413, wire.error("request_too_large", "Request exceeds the maximum size"))
            return
        data = self.rfile.read(length)
        if self.path == CONTROL:
            self._control(data)
            return
        path = self.path.partition("?")[0]
        headers = {name.lower(): value for name, value in self.headers.items()}
        if path.removesuffix(COUNT) not in (BEDROCK, ANTHROPIC):
            self._json(404, wire.error("not_found_error", "Not found"))
        elif refusal := self._unknown_caller(path, headers, data):
            self._json(*refusal)
        else:
            self._ask(path, headers, data)

    def _unknown_caller(self, path: str, headers: dict[str, str], data: bytes) -> tuple[int, Json] | None:
        if path.startswith(ANTHROPIC):
            if headers.get("x-api-key"):
                return None
            return 401, wire.error("authentication_error", "x-api-key header is required")
        url = f"http://{headers.get('host', '')}{self.path}"
        reason = signature.refusal(method="POST", url=url, headers=headers, body=data, secrets=self.owner.secret_keys)
        return (403, {"message": reason}) if reason else None

    def _ask(self, path: str, headers: dict[str, str], data: bytes) -> None:
        try:
            body: Json = json.loads(data)
            problem = _problem(body, headers, counting=path.endswith(COUNT))
        except (ValueError, AttributeError, TypeError):
            body, problem = {}, "The body is not a JSON object."
        if problem:
            self._json(400, wire.error("invalid_request_error", problem))
            return
        if path.endswith(COUNT):
            self._json(200, {"input_tokens": count(body)})
            return
        script = self.owner.take_script(path=path, headers=headers, body=body)
        if status := STATUSES.get(script.kind):
            self._json(status[0], wire.error(*status[1:]))
        elif script.kind is Misbehaviour.STALL:
            self.owner.wait_for_ever()
            self.close_connection = True
        else:
            self._speak(body, script)

    def _speak(self, body: Json, script: Script) -> None:
        talk = read(body)
        answer = wire.message(scripted_move(script, talk), talk, model=str(body["model"]))
        try:
            usage = self.owner.cache.usage(body, answer)
        except ValueError as error:
            self._json(400, wire.error("invalid_request_error", str(error)))
            return
        self.owner.used(usage)
        self.owner.pause(self.owner.first_byte_seconds)
        if body.get("stream"):
            cut = script.kind is Misbehaviour.BAD_ARGUMENTS
            self._stream(wire.events(answer, usage, cut_arguments=cut), script.kind)
            return
        whole = json.dumps({**answer, "usage": usage}, ensure_ascii=False).encode()
        if script.kind is Misbehaviour.MALFORMED:
            whole = whole[: len(whole) // 2]
        self._send(200, whole, hang_up=script.kind is Misbehaviour.CUT, stall=script.kind is Misbehaviour.STALL_MIDWAY)

    def _stream(self, events: Iterable[bytes], kind: Misbehaviour) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("request-id", self.owner.request_id())
        self.end_headers()
        if kind is Misbehaviour.MALFORMED:
            events = [_NO_EVENTS]
        for number, event in enumerate(self._unless_broken(events, kind)):
            if number:
                self.owner.pause(self.owner.chunk_seconds)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
        if not self.close_connection:
            self.wfile.write(b"0\r\n\r\n")

    def _unless_broken(self, events: Iterable[bytes], kind: Misbehaviour) -> Iterator[bytes]:
        for number, event in enumerate(events):
            if number == 3 and kind in (Misbehaviour.CUT, Misbehaviour.STALL_MIDWAY):
                if kind is Misbehaviour.STALL_MIDWAY:
                    self.owner.wait_for_ever()
                self.close_connection = True
                return
            yield event

    def _control(self, data: bytes) -> None:
        try:
            self.owner.control(json.loads(data or b"{}"))
        except (ValueError, TypeError, AttributeError) as error:
            self._json(400, wire.error("invalid_request_error", str(error)))
        else:
            self._json(200, self.owner.state())

    def _json(self, status: int, body: Json) -> None:
        self._send(status, json.dumps(body).encode())

    def _send(self, status: int, body: bytes, *, hang_up: bool = False, stall: bool = False) -> None:
        self.send_response(status, http.client.responses.get(status, "Overloaded"))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("request-id", self.owner.request_id())
        self.end_headers()
        if hang_up or stall:
            self.wfile.write(body[: len(body) // 2])
            if stall:
                self.owner.wait_for_ever()
            self.close_connection = True
        else:
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: requests hold mail."""


def _problem(body: Json, headers: dict[str, str], *, counting: bool) -> str:
    """What the real API would refuse in the request; "" for nothing."""
    if "anthropic-version" not in headers:
        return "anthropic-version: header is required"
    for name in ("model", "messages") if counting else ("model", "max_tokens", "messages"):
        if not body.get(name):
            return f"{name}: Field required"
    if unanswered(body):
        return "messages: `tool_use` ids were found without `tool_result` blocks immediately after"
    return ""
