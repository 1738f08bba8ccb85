"""What a write that may be repeated did."""

from enum import StrEnum


class Change(StrEnum):
    """UNCHANGED: the row was there with these values, and was left alone."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


def change_of(row: tuple[object, ...] | None) -> Change:
    """The change of an upsert that returns whether it inserted, and nothing where it found all as it should be."""
    if row is None:
        return Change.UNCHANGED
    return Change.CREATED if row[0] else Change.UPDATED
