"""`python -m agents.runtime`: from environment to exit status.

Owns the order of starting: hear signals, be unreadable to the engine, check the environment, and only then load the
libraries, which take most of the start-up time.
"""

import os
import sys

from agents.runtime.config import Config, ConfigError
from agents.runtime.egress import forget_token
from agents.runtime.engine.hardening import harden_supervisor
from agents.runtime.equipment import Equipment, read_environment
from agents.runtime.exits import Exit
from agents.runtime.logging import RuntimeLog, place_of, silence_libraries
from agents.runtime.signals import Inbox


def main() -> Exit:
    """Runs the agent described by the environment; the status to exit with, logged as the last line."""
    inbox = Inbox()
    inbox.listen()
    harden_supervisor()
    silence_libraries()
    try:
        config, equipment = read_environment(os.environ)
    except ConfigError as error:
        return _ended(RuntimeLog(), Exit.CONFIG, detail=str(error))
    finally:
        forget_token(os.environ)
    log = RuntimeLog(role=config.agent_role, tenant=config.tenant_id)
    try:
        return _ended(log, _supervise(config, equipment, inbox, log))
    except Exception as error:
        return _ended(log, Exit.INTERNAL, detail=f"{type(error).__name__} at {place_of(error)}")


def _supervise(config: Config, equipment: Equipment, inbox: Inbox, log: RuntimeLog) -> Exit:
    from agents.runtime.supervisor import supervise

    return supervise(config, equipment, inbox=inbox, log=log)


def _ended(log: RuntimeLog, code: Exit, *, detail: str | None = None) -> Exit:
    write = log.info if code in (Exit.OK, Exit.TERMINATED) else log.error
    write("ended", exit_code=int(code), cause=code.name, meaning=code.meaning, detail=detail)
    return code


if __name__ == "__main__":
    status = int(main())
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: it waits for the interpreter to tidy up around a worker that may be stuck in a call.
    os._exit(status)
