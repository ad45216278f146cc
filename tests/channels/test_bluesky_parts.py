import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.channels.base import Author, Outgoing, Stream
from socialdesk.channels.bluesky.compose import facets_of, post_record
from socialdesk.channels.bluesky.credentials import BlueskyCredentials
from socialdesk.channels.bluesky.failures import failures
from socialdesk.channels.bluesky.length import clusters, length
from socialdesk.channels.bluesky.order import EARLIEST, cursor_at, time_of, time_there
from socialdesk.channels.bluesky.parse import (
    convo_of,
    parse_messages,
    parse_notifications,
)
from socialdesk.channels.bluesky.sent import is_the_record
from socialdesk.channels.bluesky.tid import encoded, moment_of, rkey_for
from socialdesk.channels.members import Unfit
from socialdesk.channels.slices import document
from socialdesk.channels.transport import Refused
from socialdesk.core.errors import (
    AccessRefused,
    ChannelDown,
    RateLimited,
    SendDuplicate,
    SendRefused,
    SendUnknown,
    SocialdeskError,
)
from socialdesk.core.ids import new_id

NOON = datetime(2026, 3, 7, 12, tzinfo=UTC)
FORCE = "did:plc:force"
MEMBERS = [{"did": FORCE, "handle": "f"}, {"did": "did:plc:jo", "handle": "jo.test"}]
CONVO = convo_of(document(json.dumps({"id": "c1", "members": MEMBERS}).encode()), FORCE)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("help", 4),
        ("cafe\u0301", 4),
        ("👩‍👩‍👧‍👦", 1),
        ("👍🏽", 1),
        ("🇬🇧🇮🇪", 2),
        ("🇬🇧🇮", 2),
        ("🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f", 1),
        ("❤️", 1),
        ("a\r\nb", 3),
        ("\u0301a", 2),
        ("\n\u0301", 2),
        ("a\u200db", 2),
        ("z\u0300\u0301\u0302\u0303", 1),
    ],
)
def test_graphemes_are_counted_as_people_see_them(text: str, count: int) -> None:
    assert clusters(text) == count


def test_many_bytes_count_as_well_as_few_graphemes() -> None:
    heavy = "z" + "\u0301" * 2000
    assert clusters(heavy) == 1
    assert length(Stream.MENTIONS, heavy) == 401
    assert length(Stream.DMS, "é" * 1000) == 1000


@given(st.text(), st.text())
def test_a_longer_text_never_counts_less(first: str, second: str) -> None:
    assert clusters(first) <= clusters(first + second) <= clusters(first) + clusters(second)


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_tids_sort_as_their_numbers(first: int, second: int) -> None:
    assert (encoded(first) < encoded(second)) == (first < second)


def test_a_markers_key_is_a_tid_of_its_time_and_always_the_same() -> None:
    marker = str(new_id())
    made_at = moment_of(rkey_for(marker))
    assert rkey_for(marker) == rkey_for(marker)
    assert made_at is not None
    assert abs(made_at - datetime.now(UTC)) < timedelta(seconds=5)
    assert rkey_for(str(new_id())) != rkey_for(marker)


@given(st.text(max_size=50))
def test_any_marker_has_a_key_in_the_past(marker: str) -> None:
    made_at = moment_of(rkey_for(marker))
    assert made_at is not None
    assert datetime(2023, 11, 1, tzinfo=UTC) < made_at < datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "3abc", "0000000000000", "3KZZZZZZZZZZZ", "at://x"])
def test_what_is_no_tid_has_no_time(text: str) -> None:
    assert moment_of(text) is None


def test_cursors_and_ids_are_ordered_by_their_times() -> None:
    tid = encoded(int(NOON.timestamp() * 1_000_000) << 10)
    places = [cursor_at(NOON), tid, f"at://{FORCE}/app.bsky.feed.post/{tid}"]
    assert {time_of(place) for place in places} == {NOON}


@given(st.text(max_size=30))
def test_any_id_that_an_author_may_choose_has_a_place_in_the_order(rkey: str) -> None:
    assert time_of(f"at://did:plc:jo/app.bsky.feed.post/{rkey}") >= EARLIEST


def notification(**changed: Any) -> dict[str, Any]:
    return {
        "uri": "at://did:plc:jo/app.bsky.feed.post/3kabcdefghijk",
        "author": {"did": "did:plc:jo", "handle": "jo.test", "displayName": "Jo"},
        "reason": "mention",
        "record": {"text": "help", "createdAt": "2099-01-01T00:00:00Z"},
        "indexedAt": "2026-03-07T12:00:00.000Z",
    } | changed


def parsed(*items: Any) -> Any:
    return parse_notifications(json.dumps({"notifications": items}).encode(), FORCE)


def test_a_mentions_time_is_the_networks_and_not_its_authors() -> None:
    assert parsed(notification()).items[0].created_at == NOON


def test_likes_and_follows_are_passed_over_but_tell_the_time() -> None:
    page = parsed(notification(reason="like", record={}), notification(reason="quote"))
    assert [item.text for item in page.items] == ["help"]
    assert page.times == [NOON, NOON]
    assert not page.rejected


def test_all_of_a_thread_is_keyed_by_its_root_and_the_person() -> None:
    root, parent = "at://did:plc:x/app.bsky.feed.post/1", "at://did:plc:y/app.bsky.feed.post/2"
    reply = {"root": {"uri": root}, "parent": {"uri": parent}}
    (item,) = parsed(notification(record={"text": "and", "reply": reply})).items
    assert item.thread_key == f"post:{root}:did:plc:jo"
    assert item.in_reply_to == parent


@pytest.mark.parametrize(
    "changed",
    [
        {"author": None},
        {"author": []},
        {"author": {"did": 7}},
        {"author": {"did": "jo"}},
        {"record": None},
        {"record": {"text": None}},
        {"record": {"text": "x", "reply": {"root": 1}}},
        {"indexedAt": None},
        {"indexedAt": "yesterday"},
        {"indexedAt": "2026-03-07T12:00:00"},
        {"indexedAt": "0001-01-01T00:00:00+23:00"},
        {"uri": 3},
        {"uri": "at://\n"},
        {"reason": None},
    ],
)
def test_a_bad_item_is_kept_aside_and_the_next_is_read(changed: dict[str, Any]) -> None:
    page = parsed(notification(**changed), notification())
    assert len(page.items) == 1
    assert json.loads(page.rejected[0].raw) == notification(**changed)


@pytest.mark.parametrize("item", [None, 7, "x", [], {}])
def test_what_is_no_notification_at_all_is_kept_aside(item: Any) -> None:
    assert len(parsed(item).rejected) == 1


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"notifications": {}}', b"{}{}", b"[" * 9999]
)
def test_a_body_that_is_no_page_is_no_empty_page(body: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        parse_notifications(body, FORCE)


def test_deleted_and_system_messages_say_nothing_and_unknown_kinds_are_kept_aside() -> None:
    said = {"id": "3kb", "sender": {"did": "did:plc:jo"}, "text": "hi", "sentAt": "2026-03-07T12Z"}
    kinds = ("deletedMessageView", "systemMessageView", "hologramView")
    others = [{"$type": f"chat.bsky.convo.defs#{kind}", "id": "3ka"} for kind in kinds]
    body = json.dumps({"messages": [*others, said], "cursor": "c"}).encode()
    page = parse_messages(body, CONVO, Author(FORCE, "f", ""))
    assert [(item.text, item.author.handle) for item in page.items] == [("hi", "jo.test")]
    assert [bad.remote_id for bad in page.rejected] == ["3ka"]
    assert page.next_page == "c"


def test_links_and_names_are_live_by_their_bytes() -> None:
    text = "Café: ask @jo.bsky.test or @nobody.bsky.test, https://example.org/a?b=1&c=2."
    found = facets_of(text, lambda handle: "did:plc:jo" if handle.startswith("jo") else None)
    raw = text.encode()
    words = [raw[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in found]
    assert words == ["@jo.bsky.test", "https://example.org/a?b=1&c=2"]
    assert found[0]["features"][0]["did"] == "did:plc:jo"
    assert found[1]["features"][0]["uri"] == "https://example.org/a?b=1&c=2"


def test_a_reply_keeps_its_threads_root() -> None:
    root = {"uri": "at://r", "cid": "cr"}
    parent = {"uri": "at://p", "cid": "cp", "record": {"reply": {"root": root}}}
    record = post_record("hi", [], parent, NOON)
    assert record["reply"] == {"root": root, "parent": {"uri": "at://p", "cid": "cp"}}
    assert record["createdAt"] == "2026-03-07T12:00:00.000Z"
    first = post_record("hi", [], {"uri": "at://p", "cid": "cp", "record": {}}, NOON)
    assert first["reply"]["root"] == first["reply"]["parent"]


def test_a_record_that_is_no_reply_is_not_taken_for_absence() -> None:
    outgoing = Outgoing(Stream.MENTIONS, "hi", "at://did:plc:jo/p/1", "did:plc:jo", NOON, "m")
    with pytest.raises(Unfit):
        is_the_record({"text": "hi"}, outgoing)


@pytest.mark.parametrize(
    ("status", "name", "error"),
    [
        (400, "InvalidRequest", SendRefused),
        (400, "BlockedActor", SendRefused),
        (404, "NotFound", SendRefused),
        (401, "AuthMissing", AccessRefused),
        (400, "ExpiredToken", AccessRefused),
        (403, "AccountTakedown", AccessRefused),
        (403, "Forbidden", SendRefused),
        (400, "InvalidSwap", SendDuplicate),
        (408, "", SendUnknown),
        (409, "", SendUnknown),
        (429, "RateLimitExceeded", RateLimited),
        (500, "InternalServerError", SendUnknown),
        (502, "UpstreamFailure", SendUnknown),
        (302, "", SendUnknown),
    ],
)
def test_each_refusal_of_a_send_says_whether_it_may_be_public(
    status: int, name: str, error: type[SocialdeskError]
) -> None:
    refused = Refused(status, {}, json.dumps({"error": name, "message": "so\n it is"}).encode())
    decided = failures.sending(refused)
    assert type(decided) is error
    assert decided.todo


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, SendRefused), (401, AccessRefused), (429, RateLimited), (503, ChannelDown)],
)
def test_a_reply_that_could_not_be_made_ready_was_never_sent(
    status: int, error: type[SocialdeskError]
) -> None:
    assert type(failures.preparing(Refused(status, {}, b"{}"))) is error


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"error": 7}', b"\xff"])
def test_a_refusal_without_words_still_has_its_status(body: bytes) -> None:
    assert "HTTP 500" in str(failures.sending(Refused(500, {}, body)))


@pytest.mark.parametrize("reset", ["", "soon", "-1e9", "9" * 30])
def test_a_senseless_reset_time_is_no_time(reset: str) -> None:
    assert failures.limits.resets_at({"ratelimit-reset": reset}) is None


def test_the_servers_own_clock_is_read_where_it_tells_it() -> None:
    assert time_there({"date": "Sat, 07 Mar 2026 12:00:00 GMT"}) == NOON
    assert abs(time_there({"date": "noon"}) - datetime.now(UTC)) < timedelta(seconds=5)


def test_credentials_never_show_and_a_main_password_is_refused() -> None:
    keys = BlueskyCredentials(identifier="northshire.police.uk", app_password="abcd-efgh-ijkl-mnop")
    assert "abcd" not in repr(keys)
    with pytest.raises(ValueError, match="app_password"):
        BlueskyCredentials(identifier="northshire.police.uk", app_password="hunter2")
