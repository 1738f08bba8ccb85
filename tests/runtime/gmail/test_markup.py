"""HTML becomes the text that a person sees."""

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
