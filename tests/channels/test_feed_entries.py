"""What feeds really hold: each entry is read or kept rejected; a broken one breaks no other."""

import json
import warnings
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialdesk.channels.base import Item
from socialdesk.channels.feed.cursor import LIMIT, FeedCursor, read_cursor
from socialdesk.channels.feed.entries import cut_feed
from socialdesk.channels.feed.parse import MOST_ENTRIES, Parsed, parse_feed
from socialdesk.channels.markup import plain_text

from .publisher import item, rss

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
URL = "https://acton.example/news/feed.xml"


def parsed(body: bytes, charset: str = "") -> Parsed:
    return parse_feed(body, URL, charset, NOW)


def texts(body: bytes) -> list[str]:
    return [entry.text for entry in parsed(body).items]


ATOM = """<?xml version="1.0" encoding="utf-8"?>
<{p}feed xmlns{c}="http://www.w3.org/2005/Atom" xml:base="https://acton.example/">
<{p}title>Acton</{p}title><{p}author><{p}name>The editor</{p}name></{p}author>
<{p}entry><{p}id>urn:1</{p}id><{p}title type="html">Fire &amp;amp; smoke</{p}title>
<{p}link href="/fire"/><{p}published>2026-11-23T08:00:00Z</{p}published>
<{p}updated>2026-11-23T08:30:00Z</{p}updated>
<{p}content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>On the <b>High</b>
Street</p></div></{p}content></{p}entry>
</{p}feed>"""


@pytest.mark.parametrize(("prefix", "colon"), [("", ""), ("atom:", ":atom")])
def test_atom_is_read_with_its_times_and_relative_links(prefix: str, colon: str) -> None:
    (found,) = parsed(ATOM.format(p=prefix, c=colon).encode()).items
    assert found.text == "Fire & smoke\n\nOn the High Street\n\nhttps://acton.example/fire"
    assert found.created_at == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert found.author.name == "The editor, Acton"
    assert found.raw.startswith(f"<{prefix}entry>".encode())
    assert found.raw.endswith(f"</{prefix}entry>".encode())


def test_rdf_is_read() -> None:
    body = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://a.example/"><title>A</title>
<items><rdf:Seq><rdf:li resource="https://a.example/1"/></rdf:Seq></items></channel>
<item rdf:about="https://a.example/1"><title>One</title><link>https://a.example/1</link></item>
</rdf:RDF>"""
    assert texts(body) == ["One\n\nhttps://a.example/1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "windows-1252", "utf-16"])
def test_every_encoding_that_is_named_is_read(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    body = rss(item(title="Café £5")).decode().replace('"utf-8"', f'"{declared}"', 1)
    assert texts(body.encode(encoding)) == ["Café £5\n\nText"]


def test_the_charset_of_the_header_counts() -> None:
    body = rss(item(title="Café")).replace(b' encoding="utf-8"', b"").decode().encode("iso-8859-1")
    assert parsed(body, "iso-8859-1").items[0].text.startswith("Café")


def test_a_broken_entry_breaks_nothing_but_itself() -> None:
    broken = "<item><guid>b</guid><title>Un<b>closed &nosuch; <![CDATA[x]]</title></item>"
    found = parsed(rss(item("a-1"), broken, "<item></item>", item("a-2", "Second")))
    whole = [entry.text for entry in found.items]
    assert whole[0] == "Title\n\nText"
    assert whole[-1] == "Second\n\nText"
    assert [one.raw for one in found.rejected][-1:] == [b"<item></item>"]


def test_an_entry_that_was_never_closed_is_still_read() -> None:
    unclosed = "<item><title>Unclosed</title>"
    found = parsed(rss(unclosed, item("a-2")))
    assert [entry.text for entry in found.items] == ["Unclosed", "Title\n\nText"]


def test_a_feed_cut_short_keeps_its_last_entry_for_the_next_reading() -> None:
    body = rss(item("a-1"), item("a-2", "Cut in the middle"))
    body = body[: body.index(b"in the middle")]
    found = parsed(body)
    assert [entry.text for entry in found.items] == ["Title\n\nText"]
    (rejected,) = found.rejected
    assert rejected.raw.endswith(b"Cut ")
    assert "ends in the middle" in rejected.reason


def test_an_entry_beyond_reason_is_kept_and_not_parsed() -> None:
    found = parsed(rss(item(text="<b>" * 100_000), item("a-2")))
    assert len(found.items) == 1
    assert "larger than" in found.rejected[0].reason
    assert len(found.rejected[0].raw) > 300_000


def test_an_end_tag_inside_cdata_or_a_comment_ends_nothing() -> None:
    text = "<![CDATA[code: </item><item> &amp; more]]><!-- </item> -->"
    (found,) = parsed(rss(item(text=text))).items
    assert b"more]]><!-- </item> -->" in found.raw


@pytest.mark.parametrize(
    ("entry", "same"),
    [
        (
            "<item><guid>g</guid><title>T</title></item>",
            "<item><title>T</title><guid> g </guid></item>",
        ),
        (
            "<item><link>https://a.example/1</link></item>",
            "<item><link>https://a.example/1</link> </item>",
        ),
        ("<item><title>Only words</title></item>", "<item><title>Only  words</title></item>"),
    ],
)
def test_an_entry_is_known_by_guid_else_link_else_words(entry: str, same: str) -> None:
    (first,), (again,) = parsed(rss(entry)).items, parsed(rss(same)).items
    assert first.thread_key == again.thread_key


def test_two_entries_under_one_guid_are_both_kept() -> None:
    found = parsed(rss(item("1", "First"), item("1", "Second"))).items
    assert len({entry.remote_id for entry in found}) == 2


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "Mon, 99 Nov 2026 08:00:00 GMT", "Mon, 23 Nov 9999 08:00:00 GMT", "-1"],
)
def test_a_time_that_is_missing_wrong_or_to_come_is_the_time_of_reading(date: str) -> None:
    (found,) = parsed(rss(item(more=f"<pubDate>{date}</pubDate>"))).items
    assert found.created_at == NOW


def test_entities_cannot_be_blown_up_or_read_files() -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE rss [<!ENTITY a0 "ha"><!ENTITY f SYSTEM "file:///etc/passwd">{bomb}]>'
    body = rss(item(title="&a11; &f;")).replace(b"<rss", doctype.encode() + b"<rss", 1)
    for entry in parsed(body).items:
        assert "root:" not in entry.text
        assert len(entry.text) < 10_000


def test_a_feed_beyond_reason_is_read_to_its_bound_and_the_rest_kept() -> None:
    body = rss(*(item(f"a-{n}", f"T{n}", "") for n in range(MOST_ENTRIES + 2)))
    found = parsed(body)
    assert len(found.items) == MOST_ENTRIES
    (rest,) = found.rejected
    assert rest.raw.count(b"<item>") == 2


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>One</p><p>Two<br>Three</p>", "One\n\nTwo\nThree"),
        (
            '<a href="https://evil.example">https://bank.example</a>',
            "https://bank.example (https://evil.example)",
        ),
        ('<a href="https://a.example/">a.example</a>', "a.example"),
        ('<a href="javascript:alert(1)">tap', "tap (javascript:alert(1))"),
        ("<script>alert(1)</script>ok<style>p{}</style>", "ok"),
        ('<img src="https://t.example/pixel" alt="a map">', "a map"),
        ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
        ("<b>un<i>closed", "unclosed"),
        ("a < b > c", "a < b > c"),
    ],
)
def test_html_becomes_what_a_reader_sees_and_links_hide_nothing(html: str, shown: str) -> None:
    assert plain_text(html) == shown


@pytest.mark.parametrize(
    "piece",
    ["<p>", "<a href='x'>", "<div><br>", "<!--", "<script>", "&", "<", "<!", "</", "<a "],
)
def test_markup_without_end_is_read_in_time(piece: str) -> None:
    assert len(plain_text(piece * 60_000)) < 1_000_000


@given(st.text(alphabet=st.sampled_from("<>&;/!-[]a p\"'=x\n"), max_size=200))
def test_any_html_becomes_text(html: str) -> None:
    plain_text(html)


_pieces = st.sampled_from(
    [
        b"<item>", b"</item>", b"<title>", b"</title>", b"a", b"<![CDATA[", b"]]>", b"<!--", b"-->",
        b"&amp;", b"&x", b"\xff", b"\x00", b"<rss>", b"</rss>", b"<guid>1</guid>", b"<channel>",
    ]
)  # fmt: skip


@given(st.lists(_pieces, max_size=30).map(b"".join))
@settings(max_examples=150)
def test_any_bytes_after_a_feeds_root_are_entries_or_rejected(tail: bytes) -> None:
    body = b"<rss><channel>" + tail
    cut = cut_feed(body)
    assert cut is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = parsed(body)
    assert len(found.items) + len(found.rejected) == len(cut.entries)
    raws = [entry.raw for entry in found.items] + [entry.raw for entry in found.rejected]
    assert all(raw in body for raw in raws)


@given(st.lists(st.binary(max_size=30).filter(lambda raw: b"<" not in raw), max_size=8))
def test_the_cut_gives_back_every_byte_of_every_entry(inner: list[bytes]) -> None:
    entries = [b"<item>" + raw + b"</item>" for raw in inner]
    cut = cut_feed(b"<rss><channel>" + b"\n".join(entries) + b"</channel></rss>")
    assert cut is not None
    assert [one.raw for one in cut.entries] == entries


@given(
    etag=st.text(max_size=300),
    modified=st.text(max_size=60),
    ids=st.lists(st.text("0123456789abcdef", min_size=10, max_size=10), max_size=4),
)
def test_a_cursor_always_fits_and_reads_back(etag: str, modified: str, ids: list[str]) -> None:
    cursor = FeedCursor("feed", etag, modified, "b" * 16, tuple(ids))
    text = cursor.written()
    assert len(text) <= LIMIT
    back = read_cursor(text, "feed")
    assert (back.feed, back.body, back.ids) == (cursor.feed, cursor.body, cursor.ids)
    assert back.etag in {"", etag}


@pytest.mark.parametrize(
    "text", ["", "null", "{}", "[1]", "7", '["feed",1,2,3,4]', '"feed"', "123-45"]
)
def test_a_cursor_that_is_none_begins_anew(text: str) -> None:
    assert read_cursor(text, "other") == FeedCursor("other")
    assert isinstance(json.dumps(read_cursor(text, "feed").conditions()), str)


def test_what_is_read_is_a_message_of_the_entries_stream() -> None:
    (found,) = parsed(rss(item())).items
    assert isinstance(found, Item)
    assert len(found.remote_id) <= 255
