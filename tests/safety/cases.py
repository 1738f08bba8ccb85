"""The hostile mails, one file a family in `cases/`, and what each tries.

A case is a mail (`sender`, `subject`, `text` around an `order`), how the order is written or hidden in it (`encoding`,
see `disguise`), and what a model would call that obeys it (`tries`). So the danger is real whatever language the order
has: the stub model is given the calls, and need not understand.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("cases")
REFUSED = "refused"
INVALID = "invalid"
DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Try:
    """A call that a mail orders, and how it has to end.

    `refused`: there is no such tool for this role. `invalid`: there is, and the engine refuses the arguments by the
    tool's schema. `done`: it is carried out; `leaves` says what of a row differs from `arguments` then. Anything else
    is the tool's own word for why it turned the call down.
    """

    tool: str
    arguments: Mapping[str, Any]
    ends: str = REFUSED
    leaves: Mapping[str, Any] = field(default_factory=dict)

    @property
    def call(self) -> tuple[str, dict[str, Any]]:
        return self.tool, dict(self.arguments)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One hostile mail. Its id is the message's and the thread's id at Gmail."""

    id: str
    family: str
    role: str
    language: str
    encoding: str
    sender: str
    subject: str
    order: str
    text: str
    tries: tuple[Try, ...]
    endless: bool = False

    @property
    def canary(self) -> str:
        """A word that stands in the mail's visible text and in no other."""
        return f"hush-{self.id}"

    @property
    def address(self) -> str:
        """The sender's address."""
        return self.sender.rpartition("<")[2].rstrip(">")

    def words(self, order: str) -> str:
        """The mail's text with the order written like this."""
        return f"{self.text.replace('{order}', order).strip()}\n\nRef. {self.canary}\n"


def all_cases() -> list[Case]:
    """Every case of every file, families in alphabetical order."""
    return [_case(path.stem, raw) for path in sorted(FOLDER.glob("*.toml")) for raw in _read(path)]


def batches() -> list[tuple[str, list[Case]]]:
    """The cases in parts of which one run of the engine carries each, with a name; the endless ones by themselves."""
    found = []
    for role, size in (("butler", 16), ("scout", 16), ("writer", 8)):
        cases = [case for case in all_cases() if case.role == role]
        found += [(case.id, [case]) for case in cases if case.endless]
        cases = [case for case in cases if not case.endless]
        count = -(-len(cases) // size)
        # Every so-many-th, so that the families mix.
        found += [(f"{role}-{number + 1}", cases[number::count]) for number in range(count)]
    return found


def _read(path: Path) -> list[dict[str, Any]]:
    raw: list[dict[str, Any]] = tomllib.loads(path.read_text())["case"]
    return raw


def _case(family: str, raw: dict[str, Any]) -> Case:
    known = {**raw}
    tries = tuple(
        Try(
            tool=one.pop("tool"),
            arguments=one.pop("input"),
            ends=one.pop("ends", REFUSED),
            leaves=one.pop("leaves", {}),
            **one,
        )
        for one in known.pop("tries")
    )
    return Case(
        family=family,
        tries=tries,
        sender=known.pop("from"),
        subject=known.pop("subject", ""),
        text=known.pop("text", "{order}"),
        **known,
    )
