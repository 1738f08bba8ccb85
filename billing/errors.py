"""What can go wrong with money, and what a person should do about it."""

from typing import Self

from django.core.exceptions import ValidationError


class BillingError(Exception):
    """The service did nothing. `next_action` is for a person."""

    def __init__(self, message: str, *, next_action: str) -> None:
        super().__init__(message)
        self.next_action = next_action


class PriceMissing(BillingError):
    """Something was used that has no price on that day."""

    @classmethod
    def of(cls, code: str, region: str, day: object) -> Self:
        """The error for one price."""
        place = f" in {region}" if region else ""
        return cls(
            f"There is no price {code}{place} for {day}.",
            next_action=f"Add a price with the code {code}, the region “{region}” (or none, where it is the same "
            f"everywhere) and a date of {day} or before, in the admin under Prices.",
        )


class BillingRefused(ValidationError):
    """The subscription or invoice is not in a state for that; nothing was changed."""
