"""Why something was not done to a draft or the profile. Where a member was late, with what stands there instead."""

from agents.workspace.models import Draft, Profile


class DraftDecided(Exception):
    """Somebody decided on the draft before; `draft` says what, who and when."""

    next_action = "Nothing: the decision stands."

    def __init__(self, draft: Draft) -> None:
        super().__init__("The draft was decided on already.")
        self.draft = draft


class DraftChanged(Exception):
    """The draft is not the one that the member saw: Writer or another member changed it. `draft` is the newer one."""

    next_action = "Compare the two texts, then save or decide once more."

    def __init__(self, draft: Draft) -> None:
        super().__init__("The draft was changed meanwhile.")
        self.draft = draft


class ProfileChanged(Exception):
    """Another member changed the profile meanwhile; `profile` is the newer one."""

    next_action = "Compare the texts, then save once more."

    def __init__(self, profile: Profile) -> None:
        super().__init__("The profile was changed meanwhile.")
        self.profile = profile


class DraftHeld(Exception):
    """Another call is putting the draft into Gmail, or died while it did."""

    next_action = "Nothing: it is tried again once the other call must be over."

    def __init__(self) -> None:
        super().__init__("Another call has the draft.")
