"""What a model may put into a tool's arguments, and how it is told what was wrong with them.

Owns the forms and limits. What a person would not see is taken out before anything is measured, so nothing hidden
gets from a mail into a lead, a draft or a brief.
"""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from agents.runtime.gmail.plain import plain

LONGEST_EMAIL_CHARS = 254
MOST_PROBLEMS = 5
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])")


class Arguments(BaseModel):
    """One tool's arguments; others than these are refused. Their repr shows nothing of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


def one_line(value: Any) -> Any:
    """Text in one line, without characters that are not seen; None counts as empty."""
    return re.sub(r"\s+", " ", plain(value)) if isinstance(value, str) else _empty(value)


def some_lines(value: Any) -> Any:
    """Text in lines, without characters that are not seen; None counts as empty."""
    return plain(value) if isinstance(value, str) else _empty(value)


def _empty(value: Any) -> Any:
    return "" if value is None else value


def _address(value: str) -> str:
    address = value.lower()
    if not _EMAIL.fullmatch(address):
        raise ValueError("must be one e-mail address such as name@example.com, without a name or brackets")
    return address


# Last in an annotation, after the limits, so that these hold for the cleaned text.
LINE = BeforeValidator(one_line)
TEXT = BeforeValidator(some_lines)
# Gmail's ids are hexadecimal; the form only keeps anything else out.
GmailId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$"), LINE]
Email = Annotated[str, Field(max_length=LONGEST_EMAIL_CHARS), AfterValidator(_address), LINE]


def problems(error: ValidationError) -> str:
    """What to change, for the model that sent the arguments."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    said = [f"{'.'.join(str(part) for part in entry['loc'])[:60]}: {entry['msg'][:200]}" for entry in found]
    more = [f"and {len(said) - MOST_PROBLEMS} more"] if len(said) > MOST_PROBLEMS else []
    return "Nothing was done. Correct these arguments and call again: " + "; ".join(said[:MOST_PROBLEMS] + more)
