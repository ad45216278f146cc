"""HTML becomes text: nothing of the markup survives, and a link cannot hide where it leads."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.channels.plain import plain


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>one<br />two<br>three</p>", "one\ntwo\nthree"),
        ("a &lt;b&gt; &amp;lt; &#39;c&#39;", "a <b> &lt; 'c'"),
        ('<a href="https://x.example/a"><span>https://</span>x.example/a</a>',
         "https://x.example/a"),
        ('<a href="https://evil.example/">https://bank.example</a>',
         "https://bank.example (https://evil.example/)"),
        ('<a href="https://m.example/@jo">@<span>jo</span></a> hi', "@jo hi"),
        ('<a href="https://x.example">here', "here (https://x.example)"),
        ('<a href="https://x.example"></a>', "https://x.example"),
        ("<script>alert(1)</script>safe<style>p{}</style>", "safe"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("no tags at all", "no tags at all"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_a_reader_would_see_is_what_is_left(html: str, text: str) -> None:
    assert plain(html) == text


@given(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])))
def test_text_that_was_written_as_html_comes_back_as_it_was(text: str) -> None:
    assert plain(f"<p>{escape(text)}</p>") == text
