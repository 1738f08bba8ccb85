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


class OwnersOnly(Exception):
    """The member may not do this: owners may."""

    next_action = "Ask an owner of this account to do it, or to make you an owner."

    def __init__(self) -> None:
        super().__init__("Only an owner may do this.")


class LastOwner(Exception):
    """Without this owner nobody could look after the account."""

    next_action = "Make somebody else an owner first."

    def __init__(self) -> None:
        super().__init__("An account always has an owner, and this is the last one.")


class MemberGone(Exception):
    """The member or the invitation was removed meanwhile."""

    next_action = "Nothing: look at the list as it is now."

    def __init__(self) -> None:
        super().__init__("That is not on the list any more.")


class InvitationRefused(Exception):
    """The invitation's link opens nothing. `reason`: invalid, expired, used, replaced, closed or person."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The invitation does not hold: {reason}.")
        self.reason = reason
