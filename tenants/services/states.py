"""Which state of a customer may follow which. Owns the transitions; who asks for one is the caller's business."""

import uuid
from collections.abc import Mapping
from typing import Final

from tenants.models import Customer, CustomerState

_S = CustomerState

# What may lead to each state by itself. A pause ends by `customer_resume` alone, and nothing but closing overrides it;
# nothing leads back from offboarding.
_SOURCES: Final[Mapping[str, frozenset[str]]] = {
    _S.PROVISIONING: frozenset({_S.PENDING, _S.AWAITING_GMAIL}),
    _S.AWAITING_GMAIL: frozenset({_S.PENDING, _S.PROVISIONING}),
    _S.ACTIVE: frozenset({_S.PROVISIONING, _S.AWAITING_GMAIL, _S.DEGRADED}),
    _S.DEGRADED: frozenset({_S.ACTIVE}),
    _S.OFFBOARDING: frozenset({_S.PENDING, _S.PROVISIONING, _S.AWAITING_GMAIL, _S.ACTIVE, _S.DEGRADED, _S.PAUSED}),
    _S.CLOSED: frozenset({_S.OFFBOARDING}),
}
_REASON_CHARACTERS: Final = 500


def customer_state_set(*, customer_id: uuid.UUID, state: str, reason: str = "") -> bool:
    """The customer is in `state` with `reason`, if its present state may lead there; whether it is now.

    One conditional UPDATE: of two that race, the later one finds the state that the earlier one left. Setting the
    same state again renews the reason. Safe to repeat. A paused customer stays paused. Raises KeyError for a state
    that has its own service (`paused`) or none (`pending`).
    """
    sources = _SOURCES[state] | {state}
    changed = Customer.objects.filter(id=customer_id, state__in=sources).update(
        state=state, state_reason=reason[:_REASON_CHARACTERS]
    )
    return changed == 1
