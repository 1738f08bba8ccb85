"""The one error of the embedded world. Owns its wording; the parts decide when to raise it."""


class DevstackError(Exception):
    """A part of the embedded world could not be started or kept running.

    `next_action` is a sentence for the person at the terminal; str() holds both.
    """

    def __init__(self, message: str, next_action: str = "") -> None:
        super().__init__(f"{message}\n  {next_action}" if next_action else message)
        self.message = message
        self.next_action = next_action
