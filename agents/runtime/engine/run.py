"""One turn of the engine. Owns the order of things: a seat, the child in it, its end, its answer.

Whatever happens, when this returns or raises, none of its processes runs and nothing of its files is left.
"""

import time
from collections.abc import Callable

from agents.runtime.engine.child import Child, remove_folder
from agents.runtime.engine.envelope import Envelope, parse_envelope
from agents.runtime.engine.family import Family
from agents.runtime.engine.order import Limits, Turn, order_for
from agents.runtime.engine.seats import taken_seat
from agents.runtime.engine.settings import EngineSettings, resolve_command
from agents.runtime.profile import Profile


def run_engine(
    *,
    settings: EngineSettings,
    role: str,
    model: str,
    bridge_url: str,
    bridge_token: str,
    mcp_url: str,
    mcp_token: str,
    profile: Profile,
    prompt: str,
    limits: Limits,
    pause: Callable[[float], bool],
) -> Envelope:
    """The engine's answer to `prompt`, the role's order for this turn, which holds no mail.

    `pause(seconds)` waits and says whether the process was told to stop meanwhile; then the engine is killed within a
    second and Stopped is raised. Raises Failure with ENGINE_FAILED, ENGINE_TIMEOUT, ENGINE_OUT_OF_MEMORY,
    ENGINE_MISSING, MODEL_UNREACHABLE or BUDGET_SPENT. To be called in the thread that outlives the turn: the kernel
    kills the engine when that thread ends.
    """
    command = resolve_command(settings)
    turn = Turn(
        role=role,
        model=model,
        bridge_url=bridge_url,
        bridge_token=bridge_token,
        mcp_url=mcp_url,
        mcp_token=mcp_token,
        profile=profile,
        prompt=prompt,
    )
    with taken_seat(settings.uid, base=settings.base, seats=settings.seats, pause=pause) as seat:
        started = time.monotonic()
        # What a supervisor that was killed may have left behind.
        Family(leader=None, uid=seat.uid).kill()
        order = order_for(turn, command=command, seat=seat, limits=limits, compile_cache=settings.compile_cache)
        child = Child(order, limits, seat)
        try:
            child.watch(pause)
            stdout = child.output.finish()
        finally:
            child.end()
            remove_folder(seat)
    child.raise_for_exit()
    return parse_envelope(
        stdout,
        exit_code=child.process.returncode,
        seconds=round(time.monotonic() - started, 3),
        peak_rss_mib=round(child.peak_rss_mib, 1),
    )
