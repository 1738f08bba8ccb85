"""Why somebody is not let in."""


class NotAMember(Exception):
    """The person does not belong to this customer."""

    next_action = "Ask whoever invited you to have you added as a member, then sign in again."

    def __init__(self) -> None:
        super().__init__("This person is not a member of this customer.")


class HandOverRefused(Exception):
    """The token does not open this host: it is used, too old, forged, another host's or another browser's."""

    next_action = "Sign in once more, in one browser, with cookies allowed."

    def __init__(self) -> None:
        super().__init__("The hand-over does not hold.")
