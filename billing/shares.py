"""Dividing an amount among customers so that not a millionth is lost. Pure arithmetic.

The rule for what customers share (database, network, load balancer, back office and the rest of `platform`): of each
day's amount one half is divided equally among the customers of that day, because each of them needs the platform to be
there; the other half by the Fargate vCPU-seconds that they used on it, because who works more asks more of it. On a day
without such seconds all of it is divided equally.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from uuid import UUID


def divide(amount: int, weights: Mapping[UUID, Decimal]) -> dict[UUID, int]:
    """Whole parts in proportion to the weights, which add up to the amount exactly.

    What rounding down leaves goes, one each, to those who lost most by it; of equals to those with the lowest id, so
    that the same day is always divided in the same way. Without anybody, or any weight, nobody gets anything.
    """
    total = sum(map(Fraction, weights.values()), Fraction(0))
    if not total:
        return {}
    exact = {key: amount * Fraction(weight) / total for key, weight in weights.items()}
    parts = {key: int(part) for key, part in exact.items()}
    left = amount - sum(parts.values())
    for key in sorted(exact, key=lambda key: (parts[key] - exact[key], key))[:left]:
        parts[key] += 1
    return parts


def share(amount: int, *, present: Mapping[UUID, Decimal], worked: Mapping[UUID, Decimal]) -> dict[UUID, int]:
    """The day's shared amount by the rule above. `present`: customer-days; `worked`: vCPU-seconds.

    The parts add up to the amount, or there is nobody to share it and no part.
    """
    by_work = amount // 2 if any(worked.get(key) for key in present) else 0
    parts = divide(amount - by_work, present)
    for key, part in divide(by_work, {key: worked.get(key, Decimal(0)) for key in present}).items():
        parts[key] += part
    return parts
