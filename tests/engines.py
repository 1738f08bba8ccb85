"""Which engine the tests' agents run: a quick stand-in, but where the real one is what is tried."""

import os
import shlex
from pathlib import Path

from openclaw_site.devstack import node

QUICK = Path(__file__).parent / "runtime" / "engine" / "quick_engine.mjs"


def quick_engine_command() -> str:
    """ENGINE_COMMAND of the stand-in: it does the same work with the same bridge and tools in a tenth of a second."""
    return shlex.join([str(node.node()), str(QUICK)])


def real_engine_command() -> str:
    """ENGINE_COMMAND of the engine itself, installed when it is not: some ten seconds a turn."""
    node.ensure_engine_installed()
    return node.engine_command()


def same_uid_allowed() -> dict[str, str]:
    """What lets engines run as our own user where we are not root, and so can't have another."""
    return {} if os.geteuid() == 0 else {"ENGINE_SAME_UID": "allowed"}
