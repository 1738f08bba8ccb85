"""Why a mailed link, or a Google account, does not lead on. The words that people read stand in the templates."""

import uuid


class LinkRefused(Exception):
    """The mailed link does not hold; `why` is forged, expired or used, `signup_id` whose it is where that is known."""

    next_action = "Sign up once more, or sign in where the link was used already."

    def __init__(self, why: str, signup_id: uuid.UUID | None = None) -> None:
        super().__init__(f"The sign-up's link is {why}.")
        self.why = why
        self.signup_id = signup_id


class GoogleRefused(Exception):
    """This Google account signs nobody in; `why` is unverified, other_account or closed."""

    next_action = "Sign in with the e-mail address and the password."

    def __init__(self, why: str) -> None:
        super().__init__(f"The Google account is refused: {why}.")
        self.why = why
