"""Dividing what is shared: to the last millionth, the same way each time. Arithmetic alone, no rows."""

import uuid
from decimal import Decimal

import pytest

from billing.shares import divide, share

A, B, C, D = (uuid.UUID(int=number) for number in range(1, 5))
ONE = Decimal(1)


def weights(*numbers: str) -> dict[uuid.UUID, Decimal]:
    return {key: Decimal(number) for key, number in zip((A, B, C, D), numbers, strict=False)}


@pytest.mark.parametrize("amount", [0, 1, 2, 3, 7, 100, 101, 999_999, 15_512_333, 10**12 + 1])
@pytest.mark.parametrize(
    "parts",
    [
        ("1",),
        ("1", "1", "1"),
        ("1", "2", "4", "8"),
        ("0.000001", "86400", "3.3"),
        ("0", "1", "1"),
        ("7", "7", "7", "7"),
        ("0.333333", "0.333333", "0.333334"),
    ],
)
def test_the_parts_make_the_whole_and_none_is_off_by_more_than_one(amount: int, parts: tuple[str, ...]) -> None:
    its = weights(*parts)
    found = divide(amount, its)
    assert sum(found.values()) == amount
    total = sum(its.values())
    for key, weight in its.items():
        assert abs(found[key] - amount * weight / total) < 1


def test_whom_the_rest_goes_to_does_not_depend_on_the_order() -> None:
    its = weights("1", "1", "1")
    assert divide(100, its) == divide(100, dict(reversed(its.items()))) == {A: 34, B: 33, C: 33}


def test_half_is_equal_and_half_by_work() -> None:
    shares = share(1_000, present={A: ONE, B: ONE}, worked={A: Decimal(300), B: Decimal(100)})
    assert shares == {A: 250 + 375, B: 250 + 125}


def test_who_did_nothing_still_carries_a_part_of_what_stands_there_for_it() -> None:
    assert share(1_000, present={A: ONE, B: ONE}, worked={A: Decimal(1)}) == {A: 750, B: 250}


def test_without_any_work_all_is_equal_and_without_anybody_it_is_nobodys() -> None:
    assert share(1_001, present={A: ONE, B: ONE}, worked={}) == {A: 501, B: 500}
    assert share(1_000, present={}, worked={A: Decimal(1)}) == {}


def test_work_of_one_who_was_not_there_is_not_counted() -> None:
    assert share(1_000, present={A: ONE}, worked={B: Decimal(5)}) == {A: 1_000}


@pytest.mark.parametrize("amount", [1, 2, 3, 5, 15_512_333])
def test_no_millionth_is_lost_between_the_halves(amount: int) -> None:
    present = weights("1", "1", "1")
    worked = {A: Decimal("0.1"), B: Decimal("86399.999999")}
    assert sum(share(amount, present=present, worked=worked).values()) == amount
