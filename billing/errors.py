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


class PaymentsAway(BillingError):
    """The payment provider does not answer, or asks to come again. A later try can help."""

    @classmethod
    def of(cls, what: str) -> Self:
        """The error for one call."""
        return cls(f"Stripe can't be reached: {what}.", next_action="It is tried again by itself.")


class PaymentsRefused(BillingError):
    """The payment provider said no, and will say no again."""

    @classmethod
    def of(cls, what: str, next_action: str) -> Self:
        """The error for one call."""
        return cls(what, next_action=next_action)


class PaymentsUnknown(BillingError):
    """The payment provider does not know the object: it is another account's, or gone."""

    @classmethod
    def of(cls) -> Self:
        """The error for one call."""
        return cls("Stripe does not know it.", next_action="See whether the key belongs to the account that sent it.")


class PaymentsForged(BillingError):
    """What claims to come from the payment provider does not, or is too old to say."""

    @classmethod
    def of(cls) -> Self:
        """The error for one message."""
        return cls(
            "The signature is not Stripe's, or it is older than five minutes.",
            next_action="If it is Stripe's, compare STRIPE_WEBHOOK_SECRET with the endpoint's secret there.",
        )


class CardAccountBusy(BillingError):
    """Another worker compares this subscription with Stripe's at the moment. A later try can help."""

    @classmethod
    def of(cls, subscription: object) -> Self:
        """The error for one subscription."""
        return cls(f"Subscription {subscription} is being compared.", next_action="It is tried again by itself.")


class CardEventEarly(BillingError):
    """Stripe's clock is ahead of ours: the period has not begun here. A later try can help."""

    @classmethod
    def of(cls, day: object) -> Self:
        """The error for one period."""
        return cls(f"The period that begins on {day} has not begun here.", next_action="It is tried again by itself.")
