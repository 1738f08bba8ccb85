"""What the engine refused the model by itself, told like what our tools refused.

A call of a tool that the engine does not offer, of a file outside its workspace, or with arguments that do not fit the
tool's schema never reaches our tools; the customer reads of it all the same. The names are the model's words, so only
those that we know are repeated.
"""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from agents.runtime.engine.config import ALLOWED, SERVER
from agents.runtime.store import Activity
from agents.runtime.tools import Outcome
from agents.runtime.tools.registry import NAMES, TOOLS_OF_ROLE

UNKNOWN: Final = "unknown"
# What the engine's own tools are called, beside ours; all but `read` are shut out.
_KNOWN: Final = NAMES | {
    *ALLOWED,
    *("exec", "process", "write", "edit", "apply_patch", "web_fetch", "web_search", "browser"),
}


def refusals_of_the_engine(
    role: str, failed: Mapping[str, int], answered: Mapping[tuple[str, str], int] = MappingProxyType({})
) -> list[Activity]:
    """Activities for those of the `failed` calls, by the model's name for the tool, that our tools did not fail.

    `answered` counts what our tools did, by tool and outcome; they have told of it themselves.
    """
    own = {f"{SERVER}__{name}": name for name in TOOLS_OF_ROLE[role]}
    refused: Counter[str] = Counter()
    for said, times in failed.items():
        if said in own:
            refused[own[said]] += times - _told_of(own[said], answered)
        else:
            name = said.removeprefix(f"{SERVER}__")
            refused[name if name in _KNOWN else UNKNOWN] += times
    return [_activity(name, times) for name, times in sorted(refused.items()) if times > 0]


def _told_of(tool: str, answered: Mapping[tuple[str, str], int]) -> int:
    return sum(times for (name, outcome), times in answered.items() if name == tool and Outcome(outcome).is_failure)


def _activity(name: str, times: int) -> Activity:
    what = "a tool that does not exist" if name == UNKNOWN else name
    often = "" if times == 1 else f" {times} times"
    return Activity(kind="tool_refused", summary=f"Refused {what}{often}.", data={"tool": name, "times": times})
