"""A row of the benchmark's table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`what` took `mine` `unit`s, what it is compared with took `theirs`."""

    what: str
    mine: float
    other: str
    theirs: float
    unit: str

    def __str__(self) -> str:
        mine, theirs = (f"{number:.2f} {self.unit}" for number in (self.mine, self.theirs))
        return f"{self.mine / self.theirs:7.2f} x  {self.what} ({mine}) / {self.other} ({theirs})"
