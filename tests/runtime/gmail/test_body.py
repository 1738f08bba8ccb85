"""What a mail says, whatever its form: mails as they come over the wire, read through the embedded Google."""

import base64
import time
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from agents.runtime.gmail.body import LONGEST_BODY_CHARS, body_text
from tests.runtime.factories import ADDRESS
from tests.runtime.gmail.conftest import patience
from tests.runtime.loopback_gmail import make_part


@pytest.fixture
def text_of(embedded, embedded_mailbox):
    """A function that delivers a mail and reads its text."""

    def read(mail):
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        return embedded_mailbox.body(embedded.google.deliver_raw(ADDRESS, raw), patience())

    return read


def wire(body, *headers):
    """A mail of one part, as bytes."""
    lines = ["From: a@example.org", f"To: {ADDRESS}", "Subject: s", "MIME-Version: 1.0", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def alternative(plain, html):
    mail = EmailMessage()
    mail["From"], mail["To"] = "a@example.org", ADDRESS
    mail.set_content(plain)
    mail.add_alternative(html, subtype="html")
    return mail


@pytest.mark.parametrize(
    ("charset", "encoding", "body", "expected"),
    [
        ("utf-8", "8bit", "Größe: 5 €".encode(), "Größe: 5 €"),
        ("utf-8", "quoted-printable", b"Gr=C3=B6=C3=9Fe: 5 =E2=82=AC, soft=\r\n ly", "Größe: 5 €, soft ly"),
        ("utf-8", "base64", base64.encodebytes("Größe €".encode()), "Größe €"),
        ("iso-8859-1", "8bit", b"Gr\xf6\xdfe", "Größe"),
        ("iso-8859-1", "quoted-printable", b"Gr=F6=DFe", "Größe"),
        ("iso-8859-1", "quoted-printable", b"=93quoted=94 =80", "“quoted” €"),
        ("iso-8859-15", "8bit", b"5 \xa4", "5 €"),
        ("windows-1251", "base64", base64.encodebytes("Привет".encode("cp1251")), "Привет"),
        ("gb2312", "8bit", "屋顶报价".encode("gb2312"), "屋顶报价"),
        ("gb2312", "base64", base64.encodebytes("屋顶€龍".encode("gb18030")), "屋顶€龍"),
        ("big5", "base64", base64.encodebytes("屋頂報價".encode("big5")), "屋頂報價"),
        ("iso-2022-jp", "7bit", "屋根の見積り".encode("iso-2022-jp"), "屋根の見積り"),
        ("shift_jis", "base64", base64.encodebytes("屋根①".encode("cp932")), "屋根①"),
        ("euc-kr", "8bit", "지붕 견적".encode("euc-kr"), "지붕 견적"),
        ("utf-16", "base64", base64.encodebytes("Größe".encode("utf-16")), "Größe"),
        ("utf-7", "7bit", b"Gr+APYA3w-e", "Größe"),
        # What is claimed is not what is there.
        ("iso-8859-1", "8bit", "Größe".encode(), "Größe"),
        ("us-ascii", "8bit", b"Gr\xf6\xdfe", "Größe"),
        ("x-unknown", "8bit", b"Gr\xf6\xdfe", "Größe"),
        ("punycode", "8bit", b"Gr\xf6\xdfe", "Größe"),
        ("hex", "8bit", b"Gr\xf6\xdfe", "Größe"),
        ("utf-8", "8bit", b"caf\xe9 au lait", "caf\ufffd au lait"),
        ("utf-8", "base64", b"R3LDtsOfZQ", "Größe"),
        ("utf-8", "x-rot", b"as it stands", "as it stands"),
    ],
)
def test_character_sets_and_transfer_encodings(text_of, charset, encoding, body, expected):
    headers = (f"Content-Type: text/plain; charset={charset}", f"Content-Transfer-Encoding: {encoding}")
    assert text_of(wire(body, *headers)) == expected


def test_text_that_gmail_made_utf8_of_is_read_as_such():
    part = make_part("text/plain", "屋顶 Größe".encode(), charset="gb2312")
    assert body_text(part) == "屋顶 Größe"


def test_html_mail(text_of):
    body = "<html><body><p>Hello <b>Olivia</b>,<br>we need a roof.</p><p>Größe: 5&nbsp;m&sup2;</p></body></html>"
    html = wire(body.encode("iso-8859-1"), "Content-Type: text/html; charset=iso-8859-1")
    assert text_of(html) == "Hello Olivia,\nwe need a roof.\n\nGröße: 5 m²"


def test_plain_text_is_preferred_and_html_taken_when_it_is_empty(text_of):
    assert text_of(alternative("The plain text", "<p>The page</p>")) == "The plain text"
    assert text_of(alternative(" \n\n", "<p>The page</p>")) == "The page"
    backwards = MIMEMultipart("alternative", _subparts=[MIMEText("<p>page</p>", "html"), MIMEText("plain", "plain")])
    assert text_of(backwards) == "plain"


def test_nested_parts_and_attachments_are_named_not_read(text_of):
    mail = alternative("See the plan", "<p>See the plan <img src='cid:logo'></p>")
    mail.get_payload()[1].add_related(
        b"\x89PNG", "image", "png", cid="<logo>", filename="logo.png", disposition="inline"
    )
    mail.add_attachment(b"%PDF hush" * 500, maintype="application", subtype="pdf", filename="Dachplan Größe.pdf")
    mail.add_attachment("hush notes", filename="notes.txt")
    forwarded = alternative("hush forwarded", "<p>hush</p>")
    mail.add_attachment(forwarded)
    assert text_of(mail) == (
        "See the plan\n\n"
        "[attachment: Dachplan Größe.pdf, application/pdf, 4 KiB]\n"
        "[attachment: notes.txt, text/plain, 1 KiB]\n"
        "[attachment: without a name, message/rfc822]"
    )


def test_text_after_an_attachment_is_part_of_the_mail(text_of):
    mail = MIMEMultipart("mixed", _subparts=[MIMEText("before"), MIMEText("<p>after</p>", "html")])
    assert text_of(mail) == "before\n\nafter"


def test_page_beside_the_plain_text_tells_its_attachments(text_of):
    pdf = MIMEText("hush", "x-plan")
    pdf.add_header("Content-Disposition", "attachment", filename="plan.bin")
    inside = MIMEMultipart("mixed", _subparts=[MIMEText("<p>page</p>", "html"), pdf])
    mail = MIMEMultipart("alternative", _subparts=[MIMEText("plain"), inside])
    assert text_of(mail) == "plain\n\n[attachment: plan.bin, text/x-plan, 1 KiB]"


def test_many_attachments_are_named_up_to_a_bound():
    parts = [make_part("image/png", b"x", filename=f"{number}.png" + "a" * 500) for number in range(50)]
    text = body_text({"mimeType": "multipart/mixed", "parts": [make_part("text/plain", "a" * 50_000), *parts]})
    assert text.count("[attachment: ") == 20
    assert text.endswith("[30 more attachments]")
    assert len(text) <= LONGEST_BODY_CHARS


def test_long_text_is_cut_with_a_note(text_of):
    text = text_of(wire(b"0123456789\r\n" * 5_000, "Content-Type: text/plain"))
    assert len(text) <= LONGEST_BODY_CHARS
    assert text.startswith("0123456789\n0123456789\n")
    assert text.endswith("\n[cut here: the text goes on]")


@pytest.mark.parametrize(
    "mail",
    [
        wire(b""),
        wire(b"", "Content-Type: text/html"),
        wire(b"\r\n \r\n"),
        wire(b"", 'Content-Type: multipart/mixed; boundary="B"'),
        wire(b"--B--\r\n", 'Content-Type: multipart/alternative; boundary="B"'),
        wire(b"BEGIN:VCALENDAR", "Content-Type: text/calendar"),
        wire(b"\x00\x01\x02", "Content-Type: application/octet-stream"),
        wire(
            b"<html><head><title>hush</title><style>p{}</style></head><body></body></html>", "Content-Type: text/html"
        ),
    ],
)
def test_mail_that_says_nothing(text_of, mail):
    assert text_of(mail) == ""


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (None, ""),
        ({}, ""),
        ({"mimeType": "text/plain"}, ""),
        ({"mimeType": None, "body": None, "headers": None, "parts": None}, ""),
        ({"mimeType": "text/plain", "body": {"data": "SGVsbG8"}}, "Hello"),
        ({"mimeType": "TEXT/PLAIN", "body": {"data": "SGVsbG8gd29ybGQ*!!"}}, "Hello world"),
        ({"mimeType": "text/plain", "body": {"data": "SGVsb"}}, "Hel"),
        ({"mimeType": "text/plain", "body": {"attachmentId": "a", "size": 9}}, ""),
        ({"mimeType": "multipart/mixed", "parts": [None, "x", {"mimeType": "text/plain"}]}, ""),
        ({"headers": [{"name": "Content-Type", "value": 'text/plain; charset="=?x'}], "body": {"data": "SGk"}}, "Hi"),
        ({"headers": [{"name": "Content-Type", "value": "a; charset*=x'y'%ff"}], "body": {"data": "SGk"}}, "Hi"),
        ({"headers": [{}, {"name": "content-disposition", "value": ";;;\r\n=="}], "body": {"data": "SGk"}}, "Hi"),
    ],
)
def test_malformed_payload(payload, expected):
    assert body_text(payload) == expected


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain; charset*=utf-8''a; charset*0=b",
        "text/plain; name*=x; name*1=y",
        "text/plain; charset*=us-ascii'en'utf\x00-8",
        "text/plain; charset*=\x00'en'utf-8",
        f"text/plain; charset*{'9' * 5_000}=utf-8",
        "text/plain; charset=\ud800",
        "text/plain; charset*=\ud800''utf-8",
        "\ud800; charset=utf-8",
        'text/plain; charset="utf-8',
        'text/plain; charset="\\',
        ";" * 500_000,
        'a="' * 500_000,
    ],
)
def test_crafted_content_type_costs_nobody_the_text(content_type):
    headers = [{"name": "Content-Type", "value": content_type}, {"name": "Content-Disposition", "value": content_type}]
    assert body_text({"mimeType": "text/plain", "headers": headers, "body": {"data": "R3LDtsOfZQ"}}) == "Größe"


@pytest.mark.parametrize(
    "parameters",
    [
        "charset=windows-1251",
        'CHARSET = "Windows-1251"',
        "charset='windows-1251'",
        "charset=windows-1251 (Cyrillic)",
        "format=flowed; charset=windows-1251; delsp=yes",
        'title="a; charset=utf-16"; charset=windows-1251',
        "charset*=us-ascii'en'windows-1251",
    ],
)
def test_charset_is_found_however_it_is_written(text_of, parameters):
    assert text_of(wire("Привет".encode("cp1251"), f"Content-Type: text/plain; {parameters}")) == "Привет"


def test_parts_are_bounded_in_depth_and_number():
    deep = make_part("text/plain", "hidden deep")
    for _ in range(500):
        deep = {"mimeType": "multipart/mixed", "parts": [deep]}
    assert body_text(deep) == ""
    wide = {"mimeType": "multipart/mixed", "parts": [make_part("text/plain", f"p{n}.") for n in range(5_000)]}
    assert "p100." in body_text(wide)
    assert "p300." not in body_text(wide)


def test_characters_that_nobody_sees_are_taken_out(text_of):
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
    unseen = f"\u202etxt\u202c \u2066a\u2069 b\u200bc\ufeff\u00ad d\x00\x07\x1b[31m\x7f\x9b e{tags} f\u3164\U000e0101"
    assert text_of(wire(unseen.encode(), "Content-Type: text/plain; charset=utf-8")) == "txt a bc d[31m e f"
    html = wire(unseen.replace("\x00", "&#0;").encode(), "Content-Type: text/html; charset=utf-8")
    assert "\u202e" not in text_of(html)
    kept = "\u0646\u0627\u0645\u0647\u200c\u0647\u0627 \U0001f469\u200d\U0001f467 \u2764\ufe0f été"
    assert text_of(wire(kept.encode(), "Content-Type: text/plain; charset=utf-8")) == kept


def test_line_ends_and_empty_lines_are_evened():
    assert body_text(make_part("text/plain", "a  \r\n\r\n\r\n\r\nb\rc\u2028d\v\t")) == "a\n\nb\nc\nd"


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
@pytest.mark.parametrize("piece", ["<div>", "<!--", "<a b='", " ", "\n", "&", "<b><p>", "<table><td>", "\u200b", "="])
def test_huge_mail_is_read_in_no_time(kind, piece):
    part = make_part(kind, piece * (5_000_000 // len(piece)))
    started = time.monotonic()
    assert len(body_text(part)) <= LONGEST_BODY_CHARS
    assert time.monotonic() - started < 3


def test_style_sheets_are_read_in_no_time():
    for piece in ("/*", "@{", "{", ".a{display:none}", "a,"):
        part = make_part("text/html", f"<style>{piece * 200_000}</style><p style='{piece * 100_000}'>seen")
        started = time.monotonic()
        body_text(part)
        assert time.monotonic() - started < 3
