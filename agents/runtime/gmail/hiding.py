"""Which styles hide text from the person who reads a mail.

Owns the reading of declarations and of simple rules (`.class`, `#id`). Text in its background's colour or under a
picture is not known as hidden, nor what a rule of several parts hides, nor what formatting that is left open hides of
the paragraphs after its own.
"""

import re
from collections.abc import Iterable, Iterator

LONGEST_SHEET_CHARS = 200_000
LONGEST_STYLE_CHARS = 2_000

_ZERO = r"(?:0+(?:\.0*)?|\.0+)(?:px|pt|em|rem|%)?(?:;|!|$)"
_HIDING = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|mso-hide:all|clip:rect\(0"
    rf"|font-size:(?:{_ZERO}|1px)|max-(?:height|width):{_ZERO}"
    rf"|(?<![-a-z])(?:opacity:{_ZERO}|color:transparent|(?:text-indent|left|top):-\d{{3,}})"
)
_SELECTOR = re.compile(r"[a-z0-9]*([.#][\w-]+)")


def hides(declarations: str) -> bool:
    """Whether an element with these lower-case declarations is hidden."""
    packed = re.sub(r"\s+", "", _uncommented(declarations[:LONGEST_STYLE_CHARS]))
    return _HIDING.search(packed) is not None


def hidden_names(sheets: Iterable[str]) -> frozenset[str]:
    """Classes and ids that style sheets hide on every screen, in lower case, as `.class` and `#id`."""
    names: set[str] = set()
    for sheet in sheets:
        for selectors, declarations in _rules(_uncommented(sheet[:LONGEST_SHEET_CHARS].lower())):
            if hides(declarations):
                found = (_SELECTOR.fullmatch(selector.strip()) for selector in selectors.split(","))
                names.update(match[1] for match in found if match)
    return frozenset(names)


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of the rules outside of @media and the like."""
    depth = 0
    selectors = declarations = ""
    for piece in re.split(r"([{}])", sheet):
        if piece == "{":
            depth += 1
        elif piece == "}":
            if depth == 1 and not selectors.startswith("@"):
                yield selectors, declarations
            depth = max(0, depth - 1)
        elif depth == 0:
            selectors = piece.rpartition(";")[2].replace("<!--", "").replace("-->", "").strip()
        elif depth == 1:
            declarations = piece


def _uncommented(css: str) -> str:
    first, *others = css.split("/*")
    return first + "".join(other.partition("*/")[2] for other in others)
