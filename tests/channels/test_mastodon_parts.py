import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.channels.base import Author, Outgoing, Rejected, Stream
from socialdesk.channels.mastodon import parse, place
from socialdesk.channels.mastodon.credentials import MastodonCredentials
from socialdesk.channels.mastodon.failures import failures
from socialdesk.channels.mastodon.length import ADDRESS_ROOM, NAME_LIMIT, counted, length
from socialdesk.channels.mastodon.place import Mark, Phase, Place
from socialdesk.channels.mastodon.roots import Roots
from socialdesk.channels.mastodon.sent import addressed, comparable, is_the_same, others_named
from socialdesk.channels.mastodon.snowflake import id_at, moment_of
from socialdesk.channels.transport import Refused
from socialdesk.core.errors import (
    AccessRefused,
    ChannelDown,
    RateLimited,
    SendRefused,
    SendUnknown,
    SocialdeskError,
)

NOON = datetime(2026, 3, 7, 12, tzinfo=UTC)
STATUS: dict[str, Any] = {
    "id": "11",
    "created_at": "2026-03-07T12:00:00.000Z",
    "visibility": "public",
    "content": "<p>hello</p>",
    "spoiler_text": "",
    "account": {"id": "2", "acct": "jo@far.example", "display_name": "Jo"},
    "mentions": [{"id": "1", "acct": "force"}],
    "in_reply_to_id": None,
    "in_reply_to_account_id": None,
}


def status(**changed: Any) -> dict[str, Any]:
    return {**STATUS, **changed}


def own(*statuses: Any) -> parse.Statuses:
    return parse.own(json.dumps(list(statuses)).encode())


def only(**changed: Any) -> parse.Status:
    (found,) = own(status(**changed)).found
    return found


def test_a_status_is_read_with_who_what_when_and_to_whom() -> None:
    found = only(in_reply_to_id="7", in_reply_to_account_id="1")
    assert (found.remote_id, found.text, found.created_at) == ("11", "hello", NOON)
    assert found.author == Author("2", "jo@far.example", "Jo")
    assert (found.in_reply_to, found.addressee(), found.direct) == ("7", "1", False)


def test_a_content_warning_stands_before_what_it_warns_of() -> None:
    assert only(spoiler_text="self-harm").text == "self-harm\n\nhello"


@pytest.mark.parametrize(
    "changed",
    [
        {"account": None},
        {"account": {"id": "x"}},
        {"id": 11},
        {"id": "1" * 20},
        {"content": None},
        {"content": "x" * 200_001},
        {"visibility": "secret"},
        {"created_at": "noon"},
        {"created_at": "2026-03-07T12:00:00"},
        {"in_reply_to_id": {}},
    ],
)
def test_a_bent_status_is_kept_aside_whole_and_its_neighbours_are_read(
    changed: dict[str, Any],
) -> None:
    bent = status(**changed)
    page = own(STATUS, bent, status(id="12"))
    assert [found.remote_id for found in page.found] == ["11", "12"]
    (rejected,) = page.rejected
    assert json.loads(rejected.raw) == bent


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from([*STATUS, "x"]), inner, max_size=4),
                    max_leaves=8))  # fmt: skip
def test_whatever_an_item_is_it_is_read_or_kept_aside(item: Any) -> None:
    page = own(item)
    assert len(page.found) + len(page.rejected) == 1


def test_a_name_that_stands_twice_is_not_guessed_at() -> None:
    twice = json.dumps(STATUS)[:-1] + ', "content": "other"}'
    page = parse.own(f"[{twice}]".encode())
    assert page.found == []
    assert page.rejected[0].raw.decode() == twice


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[]x", b"[" * 9999])
def test_a_body_that_is_no_page_is_no_empty_page(body: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        parse.own(body)


def test_notifications_are_told_apart_by_their_statuses_visibility() -> None:
    public = {"id": "1", "type": "mention", "status": STATUS}
    direct = {"id": "2", "type": "mention", "status": status(id="12", visibility="direct")}
    liked = {"id": "3", "type": "favourite", "status": status(id="13")}
    body = json.dumps([public, direct, liked, {"id": "4", "type": "mention"}]).encode()
    assert [one.remote_id for one in parse.notified(body, direct=False).found] == ["11"]
    assert [one.remote_id for one in parse.notified(body, direct=True).found] == ["12"]
    rejected = parse.notified(body, direct=False).rejected
    assert [bad.reason for bad in rejected] == ["there is no status"]
    assert parse.notified(body, direct=True).rejected == []


@pytest.mark.parametrize("raw", [b"", b"7", b"{", b"[]", b'{"status": 7}', b"\xff"])
def test_what_was_kept_and_is_still_not_understood_comes_back(raw: bytes) -> None:
    found = parse.kept(raw)
    assert isinstance(found, Rejected)
    assert found.raw == raw


@pytest.mark.parametrize(
    ("instance", "limit"),
    [
        ({"configuration": {"statuses": {"max_characters": 5000}}}, 5000),
        ({"configuration": {"statuses": {"max_characters": -1}}}, None),
        ({"configuration": {"statuses": {"max_characters": "500"}}}, None),
        ({"configuration": []}, None),
        ([], None),
    ],
)
def test_the_instances_own_limit_is_taken_where_it_is_sane(
    instance: Any, limit: int | None
) -> None:
    assert parse.text_limit(instance) == limit


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("hello", 5),
        ("see https://example.org/" + "a" * 90 + " now", 4 + 23 + 4),
        ("(https://example.org/a).", 1 + 23 + 2),
        ("@jo@far.example hi", 6),
        ("jo@far.example", 14),
    ],
)
def test_texts_are_counted_as_mastodon_counts_them(text: str, count: int) -> None:
    assert counted(text) == count
    assert length(Stream.MENTIONS, text) == count + ADDRESS_ROOM


@given(st.text(max_size=80))
def test_the_count_leaves_room_for_the_name_that_is_put_before(text: str) -> None:
    assert counted(addressed(text, "a" * NAME_LIMIT)) <= length(Stream.DMS, text)


@pytest.mark.parametrize(
    ("status_code", "words", "error"),
    [
        (422, "Validation failed: Text character limit of 500 exceeded", SendRefused),
        (404, "Record not found", SendRefused),
        (401, "The access token is invalid", AccessRefused),
        (403, "This action is outside the authorized scopes", AccessRefused),
        (403, "This action is not allowed", SendRefused),
        (408, "", SendUnknown),
        (409, "", SendUnknown),
        (429, "Too many requests", RateLimited),
        (500, "", SendUnknown),
        (503, "temporary problem", SendUnknown),
        (302, "", SendUnknown),
    ],
)
def test_each_refusal_of_a_send_says_whether_it_may_be_public(
    status_code: int, words: str, error: type[SocialdeskError]
) -> None:
    refused = Refused(status_code, {}, json.dumps({"error": words}).encode())
    decided = failures.sending(refused)
    assert type(decided) is error
    assert decided.todo


def test_a_failed_reading_is_never_more_than_a_network_that_is_down() -> None:
    assert type(failures.reading(Refused(500, {}, b"<html>"))) is ChannelDown
    assert type(failures.reading(ValueError("x" * 5000))) is ChannelDown
    assert len(str(failures.reading(ValueError("x" * 5000)))) < 400


def test_the_allowance_is_read_from_its_headers() -> None:
    headers = {
        "x-ratelimit-limit": "300",
        "x-ratelimit-remaining": "7",
        "x-ratelimit-reset": "2026-03-07T12:00:00.000Z",
    }
    allowance = failures.limits.allowance(headers)
    assert (allowance.limit, allowance.remaining, allowance.resets_at) == (300, 7, NOON)


@pytest.mark.parametrize("reset", ["", "soon", "1764000900", "2026-03-07T12:00:00"])
def test_a_senseless_reset_time_is_no_time(reset: str) -> None:
    assert failures.limits.resets_at({"x-ratelimit-reset": reset}) is None


def test_cursors_rise_part_by_part_and_tokens_name_their_phase() -> None:
    assert place.newest("9/100", "10/99") == "10/100"
    assert place.newest("9", "10") == "10"
    assert place.mark("7") == Mark(7, 0)
    assert place.place("o:12") == Place(Phase.OWN, "12")
    assert place.place(str(Place())) == Place()
    assert str(Mark(3, 4).past(notifications=["9", "5"], own=[])) == "9/4"


def outgoing(text: str = "Yes", stream: Stream = Stream.MENTIONS) -> Outgoing:
    answers = "7" if stream is Stream.MENTIONS else None
    return Outgoing(stream, text, answers, "1", NOON, "marker")


def said(text: str, **changed: Any) -> parse.Status:
    return only(content=text, in_reply_to_id="7", in_reply_to_account_id="1", **changed)


def test_the_reply_is_known_again_whatever_mastodon_makes_of_its_text() -> None:
    assert is_the_same(said("<p>@force Yes</p>"), outgoing())
    assert is_the_same(said("<p>Café</p>"), outgoing("Café"))
    assert is_the_same(said("<p>ask @jo</p>"), outgoing("ask @jo@far.example"))
    direct = said("<p>@force Yes</p>", visibility="direct")
    assert is_the_same(direct, outgoing(stream=Stream.DMS))


@pytest.mark.parametrize(
    "changed",
    [
        {"content": "<p>No</p>"},
        {"visibility": "direct"},
        {"in_reply_to_id": "8"},
        {"in_reply_to_account_id": "3", "mentions": []},
        {"created_at": (NOON - timedelta(minutes=3)).isoformat()},
    ],
)
def test_another_text_person_parent_time_or_audience_is_not_the_reply(
    changed: dict[str, Any],
) -> None:
    found = only(
        **{"content": "Yes", "in_reply_to_id": "7", "in_reply_to_account_id": "1", **changed}
    )
    assert not is_the_same(found, outgoing())


def test_a_reply_names_the_person_once_and_others_are_noticed() -> None:
    assert addressed("hello", "jo@far.example") == "@jo@far.example hello"
    assert addressed("@jo@far.example hello", "jo@far.example") == "@jo@far.example hello"
    assert others_named("ask @al, not jo@far.example", "jo") == ["al"]
    assert comparable("@jo  hello\nthere") == "hello there"


def test_ids_tell_when_they_were_given_out() -> None:
    assert moment_of(id_at(NOON)) == NOON
    assert moment_of("9" * 19) <= datetime.max.replace(tzinfo=UTC)


def test_a_threads_root_is_asked_for_once() -> None:
    asked: list[str] = []

    def ancestors(remote_id: str) -> list[str]:
        asked.append(remote_id)
        return ["1", "2"]

    roots = Roots(ancestors)
    assert [roots.of("3", "2"), roots.of("3", "2"), roots.of("4", "3"), roots.of("5", None)] == [
        "1", "1", "1", "5",
    ]  # fmt: skip
    assert asked == ["3"]
    assert Roots(lambda _: None).of("8", "7") == "8"


@pytest.mark.parametrize("token", ["/etc/passwd", "short", "a b" * 10, "../" * 10])
def test_a_token_is_of_its_form_and_never_shows(token: str) -> None:
    with pytest.raises(ValueError, match="access_token"):
        MastodonCredentials(access_token=token)
    assert "secret" not in repr(MastodonCredentials(access_token="secret" * 5))
