"""What a tool is: a name, a form of arguments, a function; and what it has at hand and gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.runtime.retry import Patience
from agents.runtime.store import Store
from agents.runtime.tools.arguments import Arguments
from agents.runtime.tools.lot import Lot
from agents.runtime.tools.mail_source import MailSource
from agents.runtime.tools.outcome import Outcome


class Refusal(Exception):
    """The call was turned down and wrote nothing. `advice` is for the model and goes nowhere else."""

    def __init__(self, outcome: Outcome, advice: str) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call brought: `content` is for the model; `counts` are figures for the activity."""

    content: Mapping[str, Any] = field(repr=False)
    outcome: Outcome = Outcome.DONE
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a call has at hand. `lot` is what this turn is about; `mark` surrounds what comes from outside."""

    store: Store
    mailbox: MailSource
    patience: Patience
    lot: Lot
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One thing that a role can do. `run` takes a Desk and the tool's own arguments.

    With `writes`, what it wrote and the activity that tells of it are one transaction; without, it must not write,
    and may wait for Gmail meanwhile.
    """

    name: str
    description: str
    arguments: type[Arguments]
    run: Callable[[Desk, Any], Answer]
    writes: bool = False

    def schema(self) -> dict[str, Any]:
        """The arguments' JSON schema, without the titles that only repeat the names: each run pays for them."""
        schema = self.arguments.model_json_schema()
        schema.pop("title", None)
        for argument in schema.get("properties", {}).values():
            argument.pop("title", None)
        return schema
