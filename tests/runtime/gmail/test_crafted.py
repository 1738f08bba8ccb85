"""Mails that nobody's program sends by chance: whatever they hold, they are read, and the mails after them as well."""

import random

import pytest

from agents.runtime.gmail.letters import letter_from
from tests.runtime.gmail.conftest import patience
from tests.runtime.loopback_gmail import make_part

HEADERS = ("Content-Type", "Content-Disposition", "Content-ID", "From", "To", "Subject")
KINDS = ("text/plain", "text/html", "multipart/mixed", "multipart/alternative", "image/png", "message/rfc822", "", "/")
SCRAPS = (
    *("charset", "filename", "name", "boundary", "text/html", "attachment", "inline", "utf-8", "utf-7", "punycode"),
    *(
        ";",
        "=",
        "*",
        "*0",
        "*1*",
        "*99999999999",
        "'",
        "''",
        '"',
        "\\",
        "%",
        "%00",
        "%ff",
        "(",
        ")",
        "<",
        ">",
        "@",
        ",",
    ),
    *(
        " ",
        "\t",
        "\r\n",
        "\x00",
        "\x7f",
        "\ud800",
        "\udfff",
        "\u2028",
        "\U000e0041",
        "é",
        "=?utf-8?b?w7Y=?=",
        "9" * 5_000,
    ),
    *("<b", "<p style=", "display:none", "<!--", "</", "<style>", "{", "}", "/*", "&#", "&#x110000;", "<table><td>"),
)


def unreadable(gmail_id, **changes):
    """A message that no reading is made for."""
    return {"id": gmail_id, "threadId": f"t-{gmail_id}", "labelIds": ["INBOX"], "internalDate": "0", **changes}


def scrawl(chance, most=12):
    return "".join(chance.choices(SCRAPS, k=chance.randrange(most)))


def crafted_part(chance, depth=0):
    headers = [
        {"name": name, "value": scrawl(chance)} for name in chance.sample(HEADERS, k=chance.randrange(len(HEADERS)))
    ]
    content = chance.choice([chance.randbytes(60), scrawl(chance, 60).encode("utf-8", "replace")])
    part = make_part(
        chance.choice(KINDS), content, filename=scrawl(chance, 3), headers=headers, charset=scrawl(chance, 4)
    )
    if depth < 3:
        part["parts"] = [crafted_part(chance, depth + 1) for _ in range(chance.randrange(4))]
    if chance.random() < 0.1:
        part[chance.choice(["headers", "body", "mimeType", "parts"])] = None
    return part


def test_whatever_headers_and_parts_hold_a_letter_comes_of_it():
    for seed in range(400):
        chance = random.Random(seed)
        resource = unreadable("m", payload=crafted_part(chance), snippet=scrawl(chance).replace("9" * 5_000, "9"))
        letter = letter_from(resource)
        assert letter.message.gmail_id == "m", seed
        letter.body.encode()  # Storable, and fit to be sent.
        assert "\x00" not in letter.body, seed


@pytest.mark.parametrize(
    ("broken", "subject"),
    [
        ({"payload": {"headers": [{"name": "Subject", "value": "kept"}], "body": ["no", "mapping"]}}, "kept"),
        ({"payload": {"headers": ["no mapping"]}}, ""),
        ({"payload": ["no mapping"]}, ""),
        ({"labelIds": 5}, ""),
    ],
)
def test_mail_that_cannot_be_read_is_kept_without_its_text(mailbox, gmail, broken, subject):
    gmail.deliver(1)
    gmail.put(unreadable("odd", **broken))
    mailbox.authorise(patience())
    letter = mailbox.letter("odd", patience())
    assert (letter.message.gmail_id, letter.message.thread_id) == ("odd", "t-odd")
    assert (letter.message.subject, letter.body) == (subject, "")
    assert mailbox.body("m1", patience())
    assert [found.message.gmail_id for found in mailbox.thread("t-odd", patience()).letters] == ["odd"]
