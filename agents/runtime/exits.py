"""How an agent ends: one number for each cause, with its meaning and what a person should do.

Owns the numbers. The runtime exits with them, the back office reads `meaning` and `next_action` to explain a
stopped task. Imports nothing heavy, since both sides load it.
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit status of the agent program.

    64 to 78 follow the habit of sysexits.h of starting at 64; 137 and 143 are 128 + the signal's number, as
    ECS reports a container that a signal ended.
    """

    meaning: str
    next_action: str

    def __new__(cls, code: int, meaning: str, next_action: str) -> "Exit":
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        member.next_action = next_action
        return member

    OK = (
        0,
        "The agent did its work and ended, or was stopped while it was idle.",
        "Nothing to do.",
    )
    CONFIG = (
        64,
        "The agent's environment is incomplete or not valid.",
        "Read the agent's log for the names, mend the task definition or the overrides, start it again.",
    )
    IDENTITY_MISMATCH = (
        65,
        "The AWS role, schema, database user, secret or storage prefix is not this customer's.",
        "Treat it as an incident, do not restart it: compare the task's role and names with the customer's.",
    )
    SECRET_UNREADABLE = (
        66,
        "AWS did not hand over the customer's Gmail secret, or did not answer.",
        "Check that the secret exists and that the customer's role may read it, then start the agent again.",
    )
    TOKEN_REVOKED = (
        67,
        "Google no longer accepts the customer's refresh token.",
        "Ask the customer to connect Gmail again.",
    )
    GMAIL_UNREACHABLE = (
        68,
        "Gmail did not answer, or kept answering that it is overloaded.",
        "Wait for the next run; if it lasts, check the egress proxy or NAT and Google's status page.",
    )
    DATABASE_UNREACHABLE = (
        69,
        "The database could not be reached or refused the agent's login or its statements.",
        "Check the database, the customer's schema and the agent's database role, then start it again.",
    )
    INTERNAL = (
        70,
        "The agent failed in a way it does not know.",
        "Read the agent's log for the place in the code and report it as a bug.",
    )
    GMAIL_REFUSED = (
        71,
        "Google refused the request: the read permission is missing, or it is another account's mailbox.",
        "Ask the customer to connect Gmail again with the account named here, allowing the app to read mail.",
    )
    ENGINE_FAILED = (
        72,
        "The engine ended with an error, or answered something that is no result.",
        "Read the agent's log around it; the next run tries again. If it lasts, check the image's engine.",
    )
    ENGINE_TIMEOUT = (
        73,
        "The engine did not end within its time and was stopped.",
        "Nothing at first: the next run goes on with what is left. If it lasts, see how fast the model answers.",
    )
    ENGINE_OUT_OF_MEMORY = (
        74,
        "The engine used more memory than it may and was stopped.",
        "Compare its peak in the log with the limit; raise the task's memory and the limit if it comes again.",
    )
    ENGINE_MISSING = (
        75,
        "The engine's program is not there, or the user that it runs as can't read it.",
        "Build the image again, or check ENGINE_COMMAND and the permissions of the folders above it.",
    )
    MODEL_UNREACHABLE = (
        76,
        "The model did not answer, or kept answering that it is overloaded or refuses the request.",
        "Wait for the next run; if it lasts, check the model's id and region, and whether the role may invoke it.",
    )
    BUDGET_SPENT = (
        77,
        "The customer's budget for the model is spent.",
        "Raise the customer's budget or wait until the next one begins.",
    )
    ENGINE_LOOPED = (
        78,
        "The agent asked the model the same again and again, or far too much, and was stopped.",
        "Nothing at first: the next run goes on with what is left. If it lasts, look at the mails that it stopped at.",
    )
    KILLED = (
        137,
        "The container was killed: out of memory, or it did not stop in time.",
        "Compare its memory with the limit; raise the task's memory if it comes again.",
    )
    TERMINATED = (
        143,
        "The agent was told to stop while it was working; what was under way was dropped.",
        "Nothing to do: the next run takes up the same mail.",
    )

    @classmethod
    def explain(cls, code: int | None) -> "Exit | None":
        """The member for an exit code, or None for a code (or a missing one) that the agent never gives."""
        return next((member for member in cls if member == code), None)
