"""Text that shows a reader all that it holds.

Owns which characters are taken out of a stranger's text and how it is cut. What a person would not see (controls,
reversed writing, zero-width and tag characters) must not reach a model either.
"""

import re
import unicodedata
from functools import lru_cache

_NEWLINES = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_MANY_EMPTY_LINES = re.compile(r"\n{3,}")
# Joiners that shape letters of several scripts and emoji.
_JOINERS = "\u200c\u200d"
# Marks and letters without a glyph, which Unicode does not class as format characters.
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"


def plain(text: str) -> str:
    """`text` with `\\n` as line end, without characters that are not seen, without empty ends."""
    text = _NEWLINES.sub("\n", text).replace("\u00a0", " ")
    text = "".join(character for character in text if not _unseen(character))
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return _MANY_EMPTY_LINES.sub("\n\n", text).strip()


def cut(text: str, longest: int) -> str:
    """`text`, or its beginning with a note; at most `longest` characters in all."""
    if len(text) <= longest:
        return text
    note = "\n[cut here: the text goes on]"
    return text[: longest - len(note)].rstrip() + note


@lru_cache(maxsize=4096)
def _unseen(character: str) -> bool:
    if character in "\n\t" or character in _JOINERS:
        return False
    if character in _BLANKS or "\U000e0100" <= character <= "\U000e01ef":
        return True
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"}
