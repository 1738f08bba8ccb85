"""The engine's configuration: one model, one MCP server, two kinds of tools, nothing else.

Owns what the engine may do. Its own defaults allow a shell, the file system and the web; everything that is not named
here as allowed is shut out, first by the allow-list, then again by naming every group of its built-in tools. Tokens
stand in it as `${NAME}` only and come from the engine's environment.
"""

import json
from pathlib import Path
from typing import Any, Final

# Its tools have this prefix: backoffice__list_messages.
SERVER: Final = "backoffice"
PROVIDER: Final = "claude"

# `read`, within the workspace, is how the engine opens a skill. `bundle-mcp` is what MCP servers offer.
ALLOWED: Final = ("bundle-mcp", "read")
DENIED: Final = (
    "group:runtime",
    "group:web",
    "group:automation",
    "group:sessions",
    "group:ui",
    "group:nodes",
    "group:agents",
    "group:media",
    "group:memory",
    "group:messaging",
    "write",
    "edit",
    "apply_patch",
)

CONTEXT_TOKENS: Final = 128_000
ANSWER_TOKENS: Final = 4_096
MODEL_SECONDS: Final = 90


def render_config(
    *, role: str, model: str, bridge_url: str, mcp_url: str, folder: Path, skills: list[str], timeout_seconds: int
) -> str:
    """The configuration as JSON, which is JSON5 too. `folder` is the run's, with `workspace` and `log` in it."""
    return json.dumps(
        {
            "update": {"checkOnStart": False},
            # What it logs may quote a tool's arguments: as little as it can, in a file that goes with the folder.
            "logging": {
                "level": "silent",
                "consoleLevel": "error",
                "consoleStyle": "json",
                "file": str(folder / "state" / "engine.log"),
            },
            "models": {"mode": "replace", "providers": {PROVIDER: _provider(model, bridge_url)}},
            "plugins": {"enabled": False},
            "skills": {"allowBundled": ["none-of-them"]},
            "mcp": {"servers": {SERVER: _server(mcp_url)}},
            "tools": {
                "allow": list(ALLOWED),
                "deny": list(DENIED),
                "fs": {"workspaceOnly": True},
                "toolSearch": False,
                "codeMode": False,
                "updatePlan": False,
                "elevated": {"enabled": False},
            },
            # Its state lives as long as the run: nothing to tidy up, so no worker for that.
            "session": {"maintenance": {"mode": "warn", "maxDiskBytes": False}},
            "agents": {
                "defaults": {
                    "skipBootstrap": True,
                    "model": {"primary": f"{PROVIDER}/{model}"},
                    "heartbeat": {"every": "0m"},
                    "timeoutSeconds": timeout_seconds,
                },
                "entries": {role: {"workspace": str(folder / "workspace"), "skills": skills}},
            },
        },
        indent=1,
    )


def render_session_settings() -> str:
    """The engine's settings of a workspace, which it reads from `.openclaw/settings.json` there.

    Two retries of a model call that may pass instead of nine, which took 145 seconds to give up.
    """
    return json.dumps({"retry": {"provider": {"maxRetries": 2}}})


def _provider(model: str, bridge_url: str) -> dict[str, Any]:
    return {
        "baseUrl": bridge_url,
        "apiKey": "${BRIDGE_TOKEN}",
        "api": "anthropic-messages",
        "timeoutSeconds": MODEL_SECONDS,
        "models": [
            {
                "id": model,
                "name": model,
                "reasoning": False,
                "input": ["text"],
                "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0},
                "contextWindow": CONTEXT_TOKENS,
                "maxTokens": ANSWER_TOKENS,
            }
        ],
    }


def _server(mcp_url: str) -> dict[str, Any]:
    return {
        "url": mcp_url,
        "transport": "streamable-http",
        "headers": {"Authorization": "Bearer ${MCP_TOKEN}"},
        "connectionTimeoutMs": 5_000,
        "requestTimeoutMs": 30_000,
    }
