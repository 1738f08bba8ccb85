"""The agents' tools over MCP, the only hands that the model has.

Modules: `server` (start and stop), `protocol` (HTTP and MCP), `registry` (which role has which), `calls` (one call from
words to rows), `butler`, `scout`, `writer` (the tools), `reading` (what two of them share), `arguments` and `results`
(what comes in and goes out), `tool` and `outcome` (what a tool is, how its calls end), `lot` (what a turn is about),
`mail_source` (what is asked of the mailbox).
"""

from agents.runtime.tools.lot import Lot
from agents.runtime.tools.outcome import Outcome
from agents.runtime.tools.server import ToolServer

__all__ = ["Lot", "Outcome", "ToolServer"]
