"""What the engine does with the tools' server: the SDK's own client, one connection a call."""

import asyncio
import json
import ssl

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

# A fresh one, with the system's certificates, takes a tenth of a second for each client; over loopback none is used.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Engine:
    """A client of one server. `mode` is how it negotiates: `legacy` shakes hands first, as most clients do."""

    def __init__(self, server, token, *, mode="legacy"):
        self.server = server
        self.url = server.url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._mode = mode

    def tools(self):
        """The tools that are listed, by name."""
        return {tool.name: tool for tool in self._with_client(lambda client: client.list_tools()).tools}

    def reply(self, name, /, **arguments):
        """A call's text, and whether it is an error."""
        result = self._with_client(lambda client: client.call_tool(name, arguments))
        assert [part.type for part in result.content] == ["text"]
        return result.content[0].text, result.is_error

    def call(self, name, /, **arguments):
        """The JSON of a call that succeeds."""
        text, is_error = self.reply(name, **arguments)
        assert not is_error, text
        return json.loads(text)

    def refused(self, name, /, **arguments):
        """The advice of a call that is turned down."""
        text, is_error = self.reply(name, **arguments)
        assert is_error, text
        return text

    def _with_client(self, work):
        async def run():
            async with (
                httpx2.AsyncClient(headers=self._headers, timeout=20, verify=NO_TLS) as http,
                Client(streamable_http_client(self.url, http_client=http), mode=self._mode, cache=None) as client,
            ):
                return await work(client)

        return asyncio.run(run())
