"""What can go wrong in a tick, in the words of the exit codes.

Owns the two ways out of a tick that did not end well. A `Failure`'s detail is written to the log, so whoever
raises one leaves out mail text, addresses, tokens and the messages of foreign exceptions.
"""

from agents.runtime.exits import Exit


class Failure(Exception):
    """The tick failed for a known cause.

    `exit` is the process's exit status if it ends on this, `retryable` says whether the next tick may succeed
    without anybody's doing; `detail` is safe to log.
    """

    def __init__(self, exit_code: Exit, detail: str, *, retryable: bool = False) -> None:
        super().__init__(detail)
        self.exit = exit_code
        self.detail = detail
        self.retryable = retryable


class Stopped(Exception):
    """The process was told to stop and gave up what was under way; what was written by then stands."""
