"""What the engine refused the model by itself, told like what our tools refused.

A call of a tool that the engine does not offer, or of a file outside its workspace, never reaches our tools; the
customer reads of it all the same. The names are the model's words, so only those that we know are repeated.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from agents.runtime.engine.config import ALLOWED, SERVER
from agents.runtime.store import Activity
from agents.runtime.tools.registry import NAMES, TOOLS_OF_ROLE

UNKNOWN: Final = "unknown"
# What the engine's own tools are called, beside ours; all but `read` are shut out.
_KNOWN: Final = NAMES | {
    *ALLOWED,
    *("exec", "process", "write", "edit", "apply_patch", "web_fetch", "web_search", "browser"),
}


def refusals_of_the_engine(role: str, failed: Mapping[str, int]) -> list[Activity]:
    """Activities for the `failed` calls, by the model's name for the tool, that were none of the role's own tools."""
    own = {f"{SERVER}__{name}" for name in TOOLS_OF_ROLE[role]}
    refused: Counter[str] = Counter()
    for said, times in failed.items():
        name = said.removeprefix(f"{SERVER}__")
        if said not in own:
            refused[name if name in _KNOWN else UNKNOWN] += times
    return [_activity(name, times) for name, times in sorted(refused.items())]


def _activity(name: str, times: int) -> Activity:
    what = "a tool that does not exist" if name == UNKNOWN else name
    often = "" if times == 1 else f" {times} times"
    return Activity(kind="tool_refused", summary=f"Refused {what}{often}.", data={"tool": name, "times": times})
