"""The engine, OpenClaw: one turn of one role, run as a child process that is trusted with nothing.

Owns the pin, what the engine is given (workspace, configuration, two tokens for loopback), as whom and within which
limits it runs, and what its answer means. The model bridge and the tools that it talks to are other packages'; when
to run it is the tick's.
"""

from agents.runtime.engine.envelope import EngineUsage, Envelope, ToolSummary
from agents.runtime.engine.order import Limits
from agents.runtime.engine.run import run_engine
from agents.runtime.engine.settings import EngineSettings, installed_version, read_engine_settings, resolve_command
from agents.runtime.engine.version import VERSION
from agents.runtime.profile import Profile

__all__ = [
    "VERSION",
    "EngineSettings",
    "EngineUsage",
    "Envelope",
    "Limits",
    "Profile",
    "ToolSummary",
    "installed_version",
    "read_engine_settings",
    "resolve_command",
    "run_engine",
]
