"""A mail's bytes as characters.

Owns the doubt about what a sender's header claims. Never fails.
"""

import base64
import codecs
import re

# What senders mean, as browsers read it. Source: the labels of the Encoding Standard.
_MEANT = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "cp950",
    "shift_jis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
}
# Python's own inventions; decoding some of them takes minutes.
_NO_CHARSETS = frozenset(("idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"))
# Their bytes are all ASCII, so they look like UTF-8 and are not.
_SEVEN_BIT = ("iso2022", "hz", "utf-7")
_WIDE = ("utf-16", "utf-32")
# A parameter of a header; quotes that are never closed reach to its end.
_PARAMETER = re.compile(r'(?:^|;)\s*([^\s;="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;"]*))')
LONGEST_CHARSET_CHARS = 40


def claimed_charset(content_type: str) -> str:
    """The character set that a Content-Type names, empty when it names none.

    Read by hand, since email.message raises on many a broken parameter. Of RFC 2231's forms `charset*=` is known:
    nobody continues the name of a character set in a second parameter.
    """
    for match in _PARAMETER.finditer(content_type):
        if match[1].lower() in ("charset", "charset*"):
            value = str(match[2] or match[3] or "").partition("(")[0].strip(" '")
            return value.rpartition("'")[2][:LONGEST_CHARSET_CHARS]
    return ""


def decode(raw: bytes, claimed: str) -> str:
    """Text in the character set that it is in, rather than in the one that it claims.

    Gmail may have made UTF-8 of a text whose header still names the sender's character set, so UTF-8 is tried first:
    other sets' text does not look like it by chance, but for those of 7 bits and for two bytes a letter.
    """
    known = _known(claimed)
    claim_first = known.startswith(_SEVEN_BIT) or (known.startswith(_WIDE) and b"\x00" in raw)
    for charset in (known, "utf-8") if claim_first else ("utf-8", known):
        try:
            return raw.decode(charset)
        except ValueError:
            continue
    return raw.decode(known, "replace")


def unbase64(data: str) -> bytes:
    """What base64url data holds, as far as it goes."""
    kept = re.sub(r"[^A-Za-z0-9_-]", "", data.replace("+", "-").replace("/", "_"))
    kept = kept[: len(kept) - (len(kept) % 4 == 1)]
    return base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4))


def _known(claimed: str) -> str:
    """Python's name of the set; that of cp1252 for none and for one that nobody knows, as browsers do."""
    name = claimed.strip().lower()
    try:
        found = codecs.lookup(_MEANT.get(name, name)).name if name.isascii() else ""
        "".encode(found)  # LookupError for codecs that are not of text.
    except (LookupError, ValueError):
        return "cp1252"
    return "cp1252" if found in _NO_CHARSETS else found
