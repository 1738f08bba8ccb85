"""What stands at Stripe, in our words. Times are aware; amounts are in the currency's smallest unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

# A subscription that comes back from none of these.
_OVER: Final = {"canceled", "incomplete_expired"}
_NEVER_PAID: Final = {"incomplete", "incomplete_expired"}


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _ref(found: Any) -> str:
    """The id of what is either an id or, expanded, the object itself."""
    return str(found if isinstance(found, str) else found["id"]) if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSubscription:
    """A subscription at Stripe, with its one item."""

    ref: str
    customer_ref: str
    status: str
    started_at: datetime
    item_ref: str
    price_ref: str
    ends_with_period: bool
    ends_at: datetime | None

    @property
    def cancels(self) -> bool:
        """Whether it ends by itself. Stripe's own pages write the moment instead of the period."""
        return self.ends_with_period or self.ends_at is not None

    @property
    def is_over(self) -> bool:
        """Whether Stripe takes nothing by it any more."""
        return self.status in _OVER

    @property
    def has_begun(self) -> bool:
        """Whether it got past its first payment, or needed none."""
        return self.status not in _NEVER_PAID

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """From Stripe's JSON."""
        item = found["items"]["data"][0]
        return cls(
            ref=found["id"],
            customer_ref=_ref(found["customer"]),
            status=found["status"],
            started_at=_moment(found["start_date"]),
            item_ref=item["id"],
            price_ref=_ref(item["price"]),
            ends_with_period=found["cancel_at_period_end"],
            ends_at=_moment(found["cancel_at"]) if found["cancel_at"] else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteInvoice:
    """Stripe's own invoice for one period of a subscription. Customers don't get it; it says whether money came."""

    ref: str
    customer_ref: str
    subscription_ref: str
    status: str
    tries: int
    currency: str
    total_minor: int
    period_start: datetime
    paid_at: datetime | None

    @property
    def has_failed(self) -> bool:
        """Whether the card was asked and refused, and nothing came since."""
        return self.status == "open" and self.tries > 0

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """From Stripe's JSON. A renewal's own period is that of its line; the invoice's is the one before."""
        details = (found["parent"] or {}).get("subscription_details") or {}
        paid = found["status_transitions"]["paid_at"]
        lines = found["lines"]["data"]
        return cls(
            ref=found["id"],
            customer_ref=_ref(found["customer"]),
            subscription_ref=_ref(details.get("subscription")),
            status=found["status"],
            tries=found["attempt_count"],
            currency=found["currency"].upper(),
            total_minor=found["total"],
            period_start=_moment(lines[0]["period"]["start"] if lines else found["period_start"]),
            paid_at=_moment(paid) if paid else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCheckout:
    """One visit of Stripe's payment page. `invoice` is ours, where that was to be paid."""

    ref: str
    url: str
    customer_ref: str
    subscription_ref: str
    invoice: str
    is_paid: bool

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """From Stripe's JSON."""
        return cls(
            ref=found["id"],
            url=found["url"] or "",
            customer_ref=_ref(found["customer"]),
            subscription_ref=_ref(found.get("subscription")),
            invoice=(found["metadata"] or {}).get("invoice", ""),
            is_paid=found["status"] == "complete" and found["payment_status"] in {"paid", "no_payment_required"},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteEvent:
    """That something happened to one object."""

    id: str
    kind: str
    object_ref: str
    happened_at: datetime

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """From Stripe's JSON."""
        return cls(
            id=found["id"],
            kind=found["type"],
            object_ref=str(found["data"]["object"]["id"]),
            happened_at=_moment(found["created"]),
        )
