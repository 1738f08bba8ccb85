"""The tools over MCP's streamable HTTP, by the protocol's own SDK.

Owns the HTTP side: who may talk at all, and what of the protocol is offered (tools, nothing else; no sessions, no
streams). Takes over a second to import: only the server's thread does.
"""

import socket
from functools import partial
from secrets import compare_digest

from anyio import to_thread
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
)
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config
from uvicorn import Server as HttpServer

from agents.runtime.tools.calls import Calls

PATH = "/mcp"
# The longest draft with every letter escaped, and room around it.
LONGEST_REQUEST_BYTES = 256 * 1024
STOP_SECONDS = 1
# Longer than a run, so that the engine never meets a connection that was just closed.
KEEP_ALIVE_SECONDS = 900


def http_server(calls: Calls, *, token: str, port: int) -> HttpServer:
    """A server to be run on a listening socket of 127.0.0.1 with that port."""
    config = Config(
        _Gate(_application(calls, port), token=token),
        loop="asyncio",
        http="h11",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return HttpServer(config)


def serve(server: HttpServer, listener: socket.socket) -> None:
    """Serves until `server.should_exit` is set."""
    server.run(sockets=[listener])


def _application(calls: Calls, port: int) -> ASGIApp:
    schemas = {name: tool.schema() for name, tool in calls.tools.items()}
    listed = [
        Tool(name=name, description=tool.description, input_schema=schemas[name]) for name, tool in calls.tools.items()
    ]

    async def list_tools(
        context: ServerRequestContext[None], parameters: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=listed)

    async def call_tool(context: ServerRequestContext[None], parameters: CallToolRequestParams) -> CallToolResult:
        # In a thread: a call waits for the database and for Gmail.
        reply = await to_thread.run_sync(partial(calls.call, parameters.name, parameters.arguments or {}))
        return CallToolResult(content=[TextContent(text=reply.text)], is_error=reply.is_error)

    server: Server[None] = Server(
        "backoffice", version="1", on_list_tools=list_tools, on_call_tool=call_tool, get_tool_input_schema=schemas.get
    )
    return server.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=LONGEST_REQUEST_BYTES,
        # No page in a browser has business here, so no origin is allowed.
        transport_security=TransportSecuritySettings(allowed_hosts=[f"127.0.0.1:{port}"], allowed_origins=[]),
    )


class _Gate:
    """Lets through who has the token, and only POST: without sessions there is nothing to stream or to delete."""

    def __init__(self, inner: ASGIApp, *, token: str) -> None:
        self._inner = inner
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if refusal := self._refusal(scope):
            await refusal(scope, receive, send)
        else:
            await self._inner(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        if scope["type"] == "lifespan":
            return None
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(given) != 1 or not compare_digest(given[0], self._expected):
            return PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": "Bearer"})
        if scope["method"] != "POST":
            return PlainTextResponse("Method Not Allowed", 405, {"Allow": "POST"})
        return None
