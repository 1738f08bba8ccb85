"""Partial answers: the `fields` parameter that every Google API has and emulate ignores.

Source: "Working with partial responses" of the Gmail API guide.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ...emulate.backend import Answer

Mask = dict[str, "Mask"]


def partial(answer: Answer, path: str) -> Answer:
    """The answer with only those fields that the request's address names; all where it names none."""
    wanted = parse_qs(urlsplit(path).query).get("fields", [""])[0]
    if not wanted or answer.status != 200:
        return answer
    return Answer.of(_kept(answer.json(), _mask(iter(re.findall(r"[\w*]+|[(),/]", wanted)))))


def _mask(pieces: Iterator[str]) -> Mask:
    """`a,b/c,d(e,f)` as nested names, up to the closing bracket; an empty mask keeps everything."""
    mask: Mask = {}
    place = mask
    for piece in pieces:
        if piece == ")":
            break
        if piece == ",":
            place = mask
        elif piece == "(":
            place.update(_mask(pieces))
        elif piece != "/":
            place = place.setdefault(piece, {})
    return mask


def _kept(value: Any, mask: Mask) -> Any:
    if isinstance(value, list):
        return [_kept(item, mask) for item in value]
    if not mask or "*" in mask or not isinstance(value, dict):
        return value
    return {name: _kept(value[name], inside) for name, inside in mask.items() if name in value}
