"""The main thread: starts health and worker, listens for the word to stop, decides how the process ends.

Owns the promise to be gone within ten seconds of SIGTERM, whatever the worker is stuck in. Whatever
the worker writes is a transaction, so dropping it leaves nothing half-written; the kernel ends its engine with it.
"""

from agents.runtime.config import Config
from agents.runtime.equipment import Equipment
from agents.runtime.exits import Exit
from agents.runtime.health import Health, serve_health
from agents.runtime.logging import RuntimeLog
from agents.runtime.signals import Inbox, Notice
from agents.runtime.worker import Worker

# Leaves four of the ten seconds for a machine that is slow to schedule us.
GRACE_SECONDS = 6.0


def supervise(config: Config, equipment: Equipment, *, inbox: Inbox, log: RuntimeLog) -> Exit:
    """Runs the agent to its end; the status to exit with.

    The worker may still be stuck in a call when this returns TERMINATED: the caller ends the process without
    waiting for threads.
    """
    health = Health(role=config.agent_role, interval_seconds=config.loop_seconds)
    try:
        port = serve_health(health, port=config.health_port)
    except OSError as error:
        log.error("health_port_unusable", port=config.health_port, error=type(error).__name__)
        return Exit.CONFIG
    log.info("started", mode=config.agent_mode, run=str(config.agent_run_id), health_port=port)
    worker = Worker(config, equipment, health=health, log=log, inbox=inbox)
    worker.start()
    if inbox.next() is Notice.ENDED:
        return worker.outcome
    log.info("stopping", grace_seconds=GRACE_SECONDS)
    worker.ask_to_stop()
    if inbox.ended_within(GRACE_SECONDS):
        return worker.outcome
    log.warning("abandoned", after_seconds=GRACE_SECONDS)
    return Exit.TERMINATED
