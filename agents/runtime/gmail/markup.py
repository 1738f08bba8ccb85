"""HTML as the text that a person sees of it.

Owns what is left out (scripts, styles, comments, hidden text) and where lines break. A browser's parser reads it, so
that broken markup means here what it means to the person; html.parser takes minutes for some mails of 300 kB.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from agents.runtime.gmail.hiding import hidden_names, hides

# The parser's time grows with the square of the depth: 0.2 s for 10,000 tags that are never closed.
MOST_TAGS = 10_000

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
    document = LexborHTMLParser(_with_fewer_tags(html.replace("\x00", "")))
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


def _line(line: str) -> str:
    spaced = re.sub(r"[^\S\t]+", " ", line).strip()
    return re.sub(r" ?(?:\t ?)+", " | ", spaced)


def _pieces(root: LexborNode, hidden: frozenset[str]) -> Iterator[str]:
    """The tree's texts and the breaks between them, without recursion: markup can be thousands deep."""
    waiting: list[LexborNode | str] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
            continue
        tag = node.tag or ""
        if node.next is not None:
            waiting.append(node.next)
        if tag == "-text":
            yield _text(node)
        elif tag == "br":
            yield "\n"
        elif not _LEFT_OUT.fullmatch(tag) and not _is_hidden(node, hidden):
            before, after = _breaks(tag)
            yield before
            waiting.append(after)
            if node.first_child is not None:
                waiting.append(node.first_child)


def _text(node: LexborNode) -> str:
    text = (node.text_content or "").replace("\t", " ")
    parent = node.parent
    kept = parent is not None and (parent.tag == "pre" or "white-space:pre" in _style(parent).replace(" ", ""))
    return text if kept else re.sub(r"\s+", " ", text)


def _breaks(tag: str) -> tuple[str, str]:
    if _PARAGRAPH.fullmatch(tag):
        return "\n\n", "\n\n"
    if tag == "li":
        return "\n- ", "\n"
    if tag in ("td", "th"):
        return "", "\t"
    return ("\n", "\n") if _LINE.fullmatch(tag) else ("", "")


def _is_hidden(node: LexborNode, hidden: frozenset[str]) -> bool:
    attributes = node.attributes
    if "hidden" in attributes:
        return True
    names = {f".{name}" for name in (attributes.get("class") or "").lower().split()}
    names.add("#" + (attributes.get("id") or "").lower())
    return bool(names & hidden) or hides(_style(node))


def _style(node: LexborNode) -> str:
    return (node.attributes.get("style") or "").lower()
