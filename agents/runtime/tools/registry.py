"""Which tools there are, and which role has which: the allow-list that the server goes by."""

from collections.abc import Mapping
from types import MappingProxyType

from agents.runtime.tools import butler, scout, writer
from agents.runtime.tools.tool import Tool


def _by_name(tools: tuple[Tool, ...]) -> Mapping[str, Tool]:
    return MappingProxyType({tool.name: tool for tool in tools})


TOOLS_OF_ROLE: Mapping[str, Mapping[str, Tool]] = MappingProxyType(
    {"butler": _by_name(butler.TOOLS), "scout": _by_name(scout.TOOLS), "writer": _by_name(writer.TOOLS)}
)
NAMES = frozenset(name for tools in TOOLS_OF_ROLE.values() for name in tools)
