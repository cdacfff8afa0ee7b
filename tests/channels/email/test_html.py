"""HTML from strangers: nothing runs, nothing loads, and the text can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.html import safe_html, text_of


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<img src='https://tracker.example/pixel.gif'>",
        "<img src='//tracker.example/pixel.gif'>",
        '<img src="cid:a" srcset="https://tracker.example/a 2x">',
        "<body background='https://tracker.example/b.png'>",
        "<div style='position:fixed;inset:0;background:url(https://tracker.example)'>x</div>",
        "<style>@import 'https://tracker.example/s.css'</style>",
        "<link rel=stylesheet href=https://tracker.example/s.css>",
        "<iframe src=https://tracker.example></iframe>",
        "<form action=https://tracker.example><input name=password><button>go</button></form>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href=' java\tscript:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<svg><animate onbegin=alert(1) attributeName=x></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<video src=https://tracker.example/v></video><audio src=https://tracker.example/a></audio>",
        "<object data=https://tracker.example></object><embed src=https://tracker.example>",
        "<meta http-equiv=refresh content='0;url=https://tracker.example'>",
        "<base href=https://tracker.example><a href=x>y</a>",
    ],
)
def test_attack(attack):
    safe = safe_html(attack)
    assert safe is not None
    lowered = safe.lower()
    for word in (
        "<script",
        "onerror=",
        "onbegin=",
        "tracker.example",
        "javascript:",
        "data:",
        "style",
        "<form",
        "<input",
        "<svg",
        "<math",
        "<iframe",
    ):
        assert word not in lowered, safe


def test_links_open_outside_and_images_of_the_mail_stay():
    safe = safe_html('<a href="https://a.example/">a</a><img src="cid:image001@x" alt="slip">')
    assert safe is not None
    assert 'rel="noopener noreferrer nofollow"' in safe
    assert 'target="_blank"' in safe
    assert 'src="cid:image001@x"' in safe


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br><br>Three", "One\nTwo\n\nThree"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("<p>a\n   b&nbsp;&amp; c</p>", "a b & c"),
        ("<ul><li>One</li><li>Two</li></ul>", "• One\n• Two"),
        ("<table><tr><td>A</td><td>B</td></tr><tr><td>C</td></tr></table>", "A  B\nC"),
        ("see <a href='https://a.example/x'>this page</a>", "see this page <https://a.example/x>"),
        ("<a href='https://a.example/'>https://a.example</a>", "https://a.example"),
        ("new<blockquote>old<br>older</blockquote>", "new\n> old\n> older"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<title>T</title><style>p{}</style><script>x</script>said", "said"),
        ("<img alt='the slip' src='cid:1'>", "[the slip]"),
        ("", ""),
    ],
)
def test_text_of_a_page(html, text):
    assert text_of(html) == text


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "said",
        "".join(f"<font color={n}>" for n in range(5_000)) + "<p>said" * 20_000,
        "<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">said",
    ],
    ids=["deep", "formatting reopened in each block", "attributes"],
)
def test_a_page_made_to_take_for_ever_is_read_as_text_only(page):
    assert safe_html(page) is None
    assert "said" in text_of(page)


@given(st.text(alphabet="<>/ab\"'= &;!-pdivscrt\n", max_size=200))
def test_law_what_is_safe_stays_as_it_is(html):
    once = safe_html(html)
    assert once is not None
    assert safe_html(once) == once
    assert "<script" not in once
