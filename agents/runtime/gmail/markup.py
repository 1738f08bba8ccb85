"""HTML as the text that a person sees of it.

Owns what is left out (scripts, styles, comments, hidden text) and where lines break. A browser's parser reads it, so
that broken markup means here what it means to the person; html.parser takes minutes for some mails of 300 kB.
"""

import re
from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from agents.runtime.gmail.hiding import LONGEST_STYLE_CHARS, hidden_names, hides

# The parser's time grows with the square of the depth: 0.2 s for 10,000 tags that are never closed.
MOST_TAGS = 10_000
# It also compares each attribute's name with all before it in the tag: 30 s for a tag with 100,000 of them. A tag can't
# have more names than there are different words around it; the text that is given has some 2,000.
MOST_WORDS = 8_000
_WORD = re.compile(r"[^\t\n\f\r />=]+")

# A browser repeats those that are left open in each later paragraph, with all that they hold: some 70 kB of `<b>` and
# `<p>` become eleven million elements. As text they say no more than a span.
_REPEATED = re.compile(r"<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE)

# Elements by what becomes of them; all others run on in the line.
_LEFT_OUT = re.compile(
    "head|script|style|template|title|noframes|noembed|iframe|object|svg|math|canvas|audio|video|textarea|select"
    "|datalist|map|-comment|!doctype"
)
_PARAGRAPH = re.compile("p|h[1-6]|ul|ol|dl|table|blockquote|pre|hr")
_LINE = re.compile(
    "body|div|section|article|header|footer|main|aside|nav|address|center|form|fieldset|figure|figcaption|dt|dd|tr"
    "|caption"
)


def markup_text(html: str) -> str:
    """The text of a document or fragment: a line a block, ` | ` between the cells of a row. Never fails."""
    document = LexborHTMLParser(
        _REPEATED.sub(r"<\1span", _with_fewer_words(_with_fewer_tags(html.replace("\x00", ""))))
    )
    if document.root is None:
        return ""
    sheets = [style.text() for style in document.css("style")]
    text = "".join(_pieces(document.root, hidden_names(sheets)))
    return "\n".join(_line(line) for line in text.split("\n"))


def _with_fewer_tags(html: str) -> str:
    place = -1
    for _ in range(MOST_TAGS):
        place = html.find("<", place + 1)
        if place < 0:
            return html
    return html[:place]


def _with_fewer_words(html: str) -> str:
    seen: set[str] = set()
    for match in _WORD.finditer(html):
        seen.add(match[0])
        if len(seen) > MOST_WORDS:
            return html[: match.start()]
    return html


def _line(line: str) -> str:
    spaced = re.sub(r"[^\S\t]+", " ", line).strip()
    return re.sub(r" ?(?:\t ?)+", " | ", spaced)


def _pieces(root: LexborNode, hidden: frozenset[str]) -> Iterator[str]:
    """The tree's texts and the breaks between them, without recursion: markup can be thousands deep.

    Beside each node waits whether the lines of the text in its parent are kept. An element's style is read once.
    """
    waiting: list[tuple[LexborNode, bool] | str] = [(root, False)]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, str):
            yield entry
            continue
        node, kept = entry
        tag = node.tag or ""
        if node.next is not None:
            waiting.append((node.next, kept))
        if tag == "-text":
            yield _text(node, kept)
        elif tag == "br":
            yield "\n"
        elif not _LEFT_OUT.fullmatch(tag):
            attributes = node.attributes
            style = (attributes.get("style") or "")[:LONGEST_STYLE_CHARS].lower()
            if _is_hidden(attributes, hidden) or hides(style):
                continue
            before, after = _breaks(tag)
            yield before
            waiting.append(after)
            if node.first_child is not None:
                waiting.append((node.first_child, _keeps_lines(tag, style, kept)))


def _text(node: LexborNode, kept: bool) -> str:
    text = (node.text_content or "").replace("\t", " ")
    return text if kept else re.sub(r"\s+", " ", text)


def _keeps_lines(tag: str, style: str, kept: bool) -> bool:
    """Whether line ends in an element's text are seen: it says so itself, or is within one that does."""
    said = re.search(r"white-space\s*:\s*([a-z-]+)", style)
    return said[1].startswith("pre") if said else kept or tag == "pre"


def _breaks(tag: str) -> tuple[str, str]:
    if _PARAGRAPH.fullmatch(tag):
        return "\n\n", "\n\n"
    if tag == "li":
        return "\n- ", "\n"
    if tag in ("td", "th"):
        return "", "\t"
    return ("\n", "\n") if _LINE.fullmatch(tag) else ("", "")


def _is_hidden(attributes: Mapping[str, str | None], hidden: frozenset[str]) -> bool:
    if "hidden" in attributes:
        return True
    names = {f".{name}" for name in (attributes.get("class") or "").lower().split()}
    names.add("#" + (attributes.get("id") or "").lower())
    return bool(names & hidden)
