"""What the engine talks to, in a few lines each: a model that speaks Anthropic's Messages, and a tool over MCP.

Both are real HTTP servers on loopback. The model calls the tool it is told to as soon as the engine offers it, then
ends with what the tool said. Both keep what they were asked, for the tests to look at.
"""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN_OF_MODEL = "bridge-token-1"
TOKEN_OF_TOOLS = "tools-token-1"


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle of an answer is no news."""


class _Server:
    """An HTTP server in a thread; `answer(path, headers, body)` gives status, content type and the body's parts."""

    def __init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("content-length") or 0))
                status, kind, parts = outer.answer(self.path, self.headers, json.loads(raw or b"{}"))
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("connection", "close")
                self.end_headers()
                for part in parts:
                    self.wfile.write(part.encode())
                    self.wfile.flush()

            def do_GET(self) -> None:
                self.send_error(405)

            do_DELETE = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                del format, args

        self._server = _QuietServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, headers: Any, body: dict[str, Any]) -> tuple[int, str, Iterator[str]]:
        raise NotImplementedError


class TinyModel(_Server):
    """Calls each of `plan`'s tools once, in order (`(name, arguments)`), then says `last_words`.

    `asked` is set by the first request, `hold` is waited for before each answer; `refuse` is a status, an error type
    and a message to answer with instead.
    """

    def __init__(self, *plan: tuple[str, dict[str, Any]], last_words: str = "Done.") -> None:
        super().__init__()
        self.plan = plan
        self.last_words = last_words
        self.hold = threading.Event()
        self.hold.set()
        self.asked = threading.Event()
        self.refuse: tuple[int, str, str] | None = None
        self.requests: list[dict[str, Any]] = []
        self.seen_headers: list[dict[str, str]] = []

    @property
    def offered(self) -> list[str]:
        """The names of the tools that the engine offered in its first request."""
        return sorted(tool["name"] for tool in self.requests[0].get("tools", []))

    @property
    def system(self) -> str:
        """The instructions of the first request."""
        told = self.requests[0]["system"]
        return told if isinstance(told, str) else "\n".join(block["text"] for block in told)

    @property
    def results(self) -> list[dict[str, Any]]:
        """What the tools answered, in order, as the last request repeats it."""
        messages = self.requests[-1]["messages"]
        blocks = [block for message in messages if isinstance(message["content"], list) for block in message["content"]]
        return [block for block in blocks if block["type"] == "tool_result"]

    def answer(self, path: str, headers: Any, body: dict[str, Any]) -> tuple[int, str, Iterator[str]]:
        self.requests.append({"path": path, **body})
        self.seen_headers.append({name.lower(): value for name, value in headers.items()})
        self.asked.set()
        self.hold.wait(60)
        if self.refuse:
            status, kind, words = self.refuse
            error = {"type": "error", "error": {"type": kind, "message": words}}
            return status, "application/json", iter([json.dumps(error)])
        done = sum(
            1
            for message in body["messages"]
            if isinstance(message["content"], list)
            for block in message["content"]
            if block["type"] == "tool_result"
        )
        block: dict[str, Any] = {"type": "text", "text": self.last_words}
        if done < len(self.plan):
            name, arguments = self.plan[done]
            block = {"type": "tool_use", "id": f"toolu_{done}", "name": name, "input": arguments}
        return 200, "text/event-stream", self._events(body["model"], block)

    @staticmethod
    def _events(model: str, block: dict[str, Any]) -> Iterator[str]:
        usage = {
            "input_tokens": 100,
            "output_tokens": 1,
            "cache_read_input_tokens": 0,
            "cache_creation_input_tokens": 0,
        }
        message = {
            "id": f"msg_{time.monotonic_ns()}",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }
        if block["type"] == "text":
            start = {"type": "text", "text": ""}
            delta = {"type": "text_delta", "text": block["text"]}
            reason = "end_turn"
        else:
            start = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            reason = "tool_use"
        events: list[dict[str, Any]] = [
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": start},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {
                "type": "message_delta",
                "delta": {"stop_reason": reason, "stop_sequence": None},
                "usage": {"output_tokens": 20},
            },
            {"type": "message_stop"},
        ]
        for event in events:
            yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"


class TinyTools(_Server):
    """An MCP server (streamable HTTP, stateless) with one tool, `list_messages`, that answers `result`."""

    def __init__(self, result: str = "Two messages.") -> None:
        super().__init__()
        self.result = result
        self.calls: list[dict[str, Any]] = []
        self.methods: list[str] = []

    def answer(self, path: str, headers: Any, body: dict[str, Any]) -> tuple[int, str, Iterator[str]]:
        if headers.get("authorization") != f"Bearer {TOKEN_OF_TOOLS}":
            return 401, "application/json", iter(["{}"])
        self.methods.append(body["method"])
        if "id" not in body:
            return 202, "application/json", iter([])
        return 200, "application/json", iter([json.dumps(self._reply(body))])

    def _reply(self, body: dict[str, Any]) -> dict[str, Any]:
        match body["method"]:
            case "initialize":
                result: dict[str, Any] = {
                    "protocolVersion": body["params"]["protocolVersion"],
                    "capabilities": {"tools": {}},
                    "serverInfo": {"name": "tiny", "version": "1"},
                }
            case "tools/list":
                schema = {"type": "object", "properties": {"limit": {"type": "integer"}}}
                tool = {"name": "list_messages", "description": "The newest messages.", "inputSchema": schema}
                result = {"tools": [tool]}
            case "tools/call":
                self.calls.append(body["params"])
                result = {"content": [{"type": "text", "text": self.result}], "isError": False}
            case _:
                unknown = {"code": -32601, "message": "Method not found"}
                return {"jsonrpc": "2.0", "id": body["id"], "error": unknown}
        return {"jsonrpc": "2.0", "id": body["id"], "result": result}
