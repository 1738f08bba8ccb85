"""HTML becomes the text that a person sees."""

import time

import pytest

from agents.runtime.gmail.markup import markup_text
from agents.runtime.gmail.plain import plain


def seen(html):
    return plain(markup_text(html))


def test_lines_paragraphs_lists_and_tables():
    html = """
    <h1>Offer</h1><p>Dear   Olivia,<br/>thanks
    for <a href="https://x.example/?track=1">calling</a>.</p>
    <ul><li>one<li>two <b>bold</b></ul>
    <table><tr><th>Part<th>Price</tr><tr><td>Slate</td><td>48,000</td></tr></table><div>Bye<div>Daniel</div></div>
    """
    expected = "Offer\n\nDear Olivia,\nthanks for calling.\n\n- one\n\n- two bold\n\nPart | Price\n\nSlate | 48,000\n\n"
    assert seen(html) == expected + "Bye\nDaniel"


def test_lines_of_preformatted_text_stay():
    assert seen("<pre>one\n  two\n</pre>") == "one\ntwo"
    assert seen('<div style="white-space: pre-wrap">one\ntwo</div>') == "one\ntwo"
    assert seen("<pre>one\n<b>two\nthree</b></pre>") == "one\ntwo\nthree"
    assert seen("<pre>one\n<p style='white-space: normal'>two\nthree</p></pre>") == "one\n\ntwo three"


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>hush()</script>",
        "<style>.hush{color:red}</style>",
        "<!-- hush -->",
        "<!--[if mso]><p>hush</p><![endif]-->",
        "<title>hush</title>",
        "<template><p>hush</p></template>",
        "<textarea>hush</textarea>",
        "<svg><text>hush</text></svg>",
        "<iframe srcdoc='hush'>hush</iframe>",
        "<img alt='hush' title='hush' src=x>",
        "<p hidden>hush</p>",
        "<p style='display:none'>hush</p>",
        "<p style='DISPLAY : NONE !important'>hush</p>",
        "<p style='display:/* */none'>hush</p>",
        "<div style='visibility: hidden'><p>hush <b>hush</b></p></div>",
        "<span style='font-size:0'>hush</span>",
        "<span style='color:red;font-size: 0px;'>hush</span>",
        "<span style='font-size:1px; line-height:1px'>hush</span>",
        "<span style='opacity:0'>hush</span>",
        "<span style='opacity: 0.0 ;'>hush</span>",
        "<div style='max-height:0;overflow:hidden'>hush</div>",
        "<div style='mso-hide:all'>hush</div>",
        "<div style='position:absolute;left:-9999px'>hush</div>",
        "<div style='text-indent:-5000px'>hush</div>",
        "<div style='color:transparent'>hush</div>",
        "<style>.h{display:none}</style><p class='a H'>hush</p>",
        "<style>/* x */ p.h, #other { visibility:hidden }</style><p class=h>hush</p><i id=OTHER>hush</i>",
        "<style><!-- @import 'x'; .h{font-size:0} --></style><p class=h>hush</p>",
    ],
)
def test_what_a_person_does_not_see_is_left_out(hidden):
    assert seen(f"<body>before {hidden} after</body>").split() == ["before", "after"]


@pytest.mark.parametrize(
    "shown",
    [
        "<div style='background-color:transparent'>seen</div>",
        "<div style='font-size:10px;opacity:0.9;max-height:0.5em;margin-left:-9999px'>seen</div>",
        "<div style='max-width:600px;line-height:0;border-top:-100px'>seen</div>",
        "<style>@media (max-width:600px){.m{display:none}}</style><p class=m>seen</p>",
        "<style>.a .b{display:none}</style><p class=b>seen</p>",
        "<noscript>seen</noscript>",
        "<button>seen</button>",
        "<![if !mso]><p>seen</p><![endif]>",
        "<p>seen",
        "<p <b>seen</b>",
        "</div></td>seen</html>",
        "<x-unknown>seen</x-unknown>",
        "&#115;ee&#x6e;",
    ],
)
def test_what_a_person_sees_stays(shown):
    assert seen(f"before {shown}").split() == ["before", "seen"]


@pytest.mark.parametrize(
    "html", ["", " ", "<", "<>", "</", "<!", "<!-", "&", "&#", "&#x110000;", "\x00", "\ud800", "<p", "<style>"]
)
def test_scraps_do_no_harm(html):
    assert len(seen(html)) <= 2


def seconds(html):
    """The least processor time of three readings."""
    spans = []
    for _ in range(3):
        started = time.process_time()
        markup_text(html)
        spans.append(time.process_time() - started)
    return min(spans)


@pytest.mark.parametrize("tag", ["div style", "b style", "pre class", "p id"])
def test_attribute_of_a_megabyte_costs_once_however_many_texts_stand_beside_it(tag):
    start = f'<{tag}="{"A" * 900_000}">'
    assert seconds(start + "x<br>" * 2_000) < 5 * seconds(start + "x") + 20 * seconds("x<br>" * 2_000)


@pytest.mark.parametrize("open_tags", ["<b style='" + "A" * 300_000 + "'>", "".join(f"<i id={n}>" for n in range(300))])
def test_formatting_that_is_never_closed_is_not_repeated_in_each_paragraph(open_tags):
    few, many = (f"<p>{open_tags}x</p>" + "<p>x</p>" * count for count in (100, 1_000))
    assert seconds(many) < 5 * seconds(few) + 20 * seconds("<p>x</p>" * 1_000)


@pytest.mark.parametrize("separator", [" ", "/", "='1'", "=\n", " =x "])
def test_tag_of_many_attributes_does_not_cost_their_square(separator):
    few, many = ("<p " + separator.join(f"a{n}" for n in range(count)) + ">x" for count in (10_000, 40_000))
    assert seconds(many) < 5 * seconds(few)


def test_long_text_in_words_that_all_differ_is_whole():
    words = [f"word{number}" for number in range(5_000)]
    assert seen("<p>" + " ".join(words)).split() == words
