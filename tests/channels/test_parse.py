import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.channels.base import Item, Stream
from socialdesk.channels.x.parse import parse_page, plain

POST = {
    "id": "10",
    "text": "hello",
    "author_id": "2",
    "conversation_id": "9",
    "created_at": "2026-01-02T03:04:05.000Z",
}
EVENT = {
    "id": "11",
    "event_type": "MessageCreate",
    "text": "hi",
    "sender_id": "2",
    "dm_conversation_id": "1-2",
    "created_at": "2026-01-02T03:04:05.000Z",
}


def parsed(*items: Any, stream: Stream = Stream.MENTIONS) -> tuple[list[Item], list[str]]:
    page = parse_page(json.dumps({"data": items, "meta": {}}).encode(), stream, account_id="1")
    return list(page.items), [bad.reason for bad in page.rejected]


@pytest.mark.parametrize(
    "changed",
    [
        {"id": None},
        {"id": 10},
        {"id": "9" * 20},
        {"id": "١٢"},
        {"author_id": []},
        {"conversation_id": None},
        {"text": None},
        {"created_at": "yesterday"},
        {"created_at": "2026-01-02T03:04:05"},
        {"created_at": "0001-01-01T00:00:00+23:59"},
        {"referenced_tweets": [{"type": "replied_to", "id": 7}]},
    ],
)
def test_a_post_that_cannot_be_understood_is_rejected_alone(changed: dict[str, Any]) -> None:
    items, reasons = parsed(POST | changed, POST)
    assert [item.remote_id for item in items] == ["10"]
    assert len(reasons) == 1


@pytest.mark.parametrize("junk", [None, 7, "text", [], {}])
def test_an_item_of_any_other_kind_is_rejected(junk: Any) -> None:
    items, reasons = parsed(junk)
    assert not items
    assert len(reasons) == 1


@given(
    st.dictionaries(
        st.sampled_from([*POST, "referenced_posts", "note_post"]),
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2),
    )
)
def test_no_item_stops_the_page(changed: dict[str, Any]) -> None:
    for stream, good in ((Stream.MENTIONS, POST), (Stream.DMS, EVENT)):
        items, reasons = parsed(good | changed, good, stream=stream)
        assert len(items) + len(reasons) == 2


@pytest.mark.parametrize("word", ["tweet", "post"])
def test_both_of_the_networks_vocabularies_are_read(word: str) -> None:
    reply = {f"referenced_{word}s": [{"type": "replied_to", "id": "8"}]}
    (item,), _ = parsed(POST | reply | {f"note_{word}": {"text": "the whole"}})
    assert item.in_reply_to == "8"
    assert item.text == "the whole"


def test_the_accounts_own_post_belongs_to_the_person_it_answers() -> None:
    (item,), _ = parsed(POST | {"author_id": "1", "in_reply_to_user_id": "2"})
    assert item.outbound
    assert item.contact_id == "2"
    assert item.thread_key == "post:9:2"


def test_people_joining_a_conversation_are_no_messages() -> None:
    assert parsed(EVENT | {"event_type": "ParticipantsJoin"}, stream=Stream.DMS) == ([], [])


@given(st.text(alphabet="&lt;gamp<> x"))
def test_markup_is_undone_exactly_once(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert plain(escaped) == text


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b'{"data": [', b'{"data": []} x'])
def test_a_body_that_is_no_page_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_page(body, Stream.MENTIONS, account_id="1")
