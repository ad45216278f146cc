"""What a hostile or broken sender can do to the door: every answer a problem, nothing stored."""

import contextlib
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from socialdesk.channels.partner.report import NotAReport, NotJson, moment_of, read_report
from socialdesk.channels.partner.signature import headers_of
from socialdesk.queue.desk import Desk
from socialdesk.queue.listing import lines, order
from socialdesk.queue.people import Officer
from socialdesk.queue.search import Query
from socialdesk.queue.thread import open_thread
from socialdesk.store.tables import Message, PartnerNonce
from socialdesk.web import reports, server
from socialdesk.web.body import BODY_LIMIT

from .platform import Platform, report


def stored(desk: Desk) -> int:
    with desk.store.reading() as session:
        return len(session.exec(select(Message)).all())


def changed(**more: Any) -> bytes:
    return json.dumps(report(**more)).encode()


WRONG_REPORTS: list[tuple[bytes, str]] = [
    (changed(text=5), "/text"),
    (changed(text=None), "/text"),
    (changed(text=""), "/text"),
    (changed(text="x" * 20_001), "/text"),
    (changed(text=["a"]), "/text"),
    (changed(jurisdiction="North Shire"), "/jurisdiction"),
    (changed(jurisdiction="../x"), "/jurisdiction"),
    (changed(submitted_at="yesterday"), "/submitted_at"),
    (changed(submitted_at="2026-11-23T08:55:00"), "/submitted_at"),
    (changed(submitted_at="2026-13-23T08:55:00Z"), "/submitted_at"),
    (changed(submitted_at=1_795_511_520), "/submitted_at"),
    (changed(submitted_at="0001-01-01T00:00:00+14:00"), "/submitted_at"),
    (changed(surprise=1), "/surprise"),
    (changed(person={"id": 7}), "/person/id"),
    (changed(person=[]), "/person"),
    (changed(form={"name": "F", "answers": [{"question": "Q"}]}), "/form/answers/0/answer"),
    (
        changed(form={"name": "F", "answers": [{"question": "Q", "answer": "A"}] * 101}),
        "/form/answers",
    ),
    (changed(link=True), "/link"),
    (b"[]", ""),
    (b'"text"', ""),
    (b"7", ""),
]


@pytest.mark.parametrize(("body", "pointer"), WRONG_REPORTS)
def test_a_body_that_breaks_the_schema_is_refused_with_the_place_named(
    desk: Desk, platform: Platform, body: bytes, pointer: str
) -> None:
    answer = platform.send(body)
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert stored(desk) == 0


NOT_JSON = [
    b"",
    b"{",
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b'{"text": "\xed\xa0\x80"}',
    b'{"text": NaN}',
    b'{"text": -Infinity}',
    b'{"text": "a"} trailing',
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b'{"text": ' + b"9" * 60_000 + b"}",
    b'{"text": "one", "text": "two"}',
    b'{"person": {"id": "a", "\\u0069d": "b"}}',
]


@pytest.mark.parametrize("body", NOT_JSON, ids=range(len(NOT_JSON)))
def test_a_body_that_is_not_one_plain_json_value_is_refused(
    desk: Desk, platform: Platform, body: bytes
) -> None:
    answer = platform.send(body or b" ")
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert stored(desk) == 0


@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(lambda value: json.dumps(value).encode())
)
@settings(max_examples=300)
def test_any_bytes_are_a_report_or_refused_by_name(body: bytes) -> None:
    with contextlib.suppress(NotJson, NotAReport):
        read_report(body)


@given(
    st.text(max_size=60) | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
)
def test_any_text_is_a_moment_in_utc_or_refused(text: str) -> None:
    try:
        moment = moment_of(text)
    except (ValueError, OverflowError):
        return
    assert moment.utcoffset() is not None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-23T08:55:00Z", "2026-11-23 08:55:00+00:00"),
        ("2026-11-23t08:55:00z", "2026-11-23 08:55:00+00:00"),
        ("2026-11-23T08:55:00.123456789+01:30", "2026-11-23 07:25:00.123456+00:00"),
        ("2026-11-23T08:55:00.5-01:30", "2026-11-23 10:25:00.500000+00:00"),
        ("2026-12-31T23:59:60Z", "2026-12-31 23:59:59+00:00"),
    ],
)
def test_every_way_to_write_a_moment_is_read(text: str, shown: str) -> None:
    assert str(moment_of(text)) == shown


HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07",
    "\u202eevil\u2066",
    "[bold]x[/] {b} %s ${x}",
    "<script>alert(1)</script>",
    "a\x00b",
    "'; DROP TABLE message; --",
    "\u0301" * 150,
    "👩‍👩‍👧🚨 مرحبا",
    "Reported through Nobody, for us, reference 0000-0000-0000",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_kept_as_sent_and_shown_inert(
    desk: Desk, platform: Platform, officer: Officer, text: str
) -> None:
    answers = [{"question": text, "answer": text}]
    said = report(text, person={"name": text}, form={"name": text, "answers": answers}, link=text)
    assert platform.send(said).status_code == 202
    (conversation,) = order(desk, officer, Query())
    view = open_thread(desk, officer, conversation)
    (line,) = lines(desk, officer, [conversation]).values()
    for shown in (view.said[0].text, line.gist, line.name):
        assert not set(shown) & {"\x1b", "\x07", "\x00", "\u202e", "\u2066"}
    assert "Reported through Safer Streets, for northshire" in view.said[0].text.splitlines()[-1]


def test_half_a_surrogate_pair_is_refused_since_it_is_no_text(platform: Platform) -> None:
    body = changed(text="half").replace(b"half", b"\\ud800 half")
    assert platform.send(body).status_code in {400, 422}


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "", "application/jsonp"])
def test_a_body_of_another_media_type_is_refused(platform: Platform, media: str) -> None:
    body = changed()
    headers = headers_of(platform.asked(), body, platform.secret) | {"content-type": media}
    assert platform.post(body, headers).status_code == 415


def test_other_addresses_and_methods_are_problems_as_well(platform: Platform) -> None:
    import requests

    for method, path, status in [
        ("GET", "/", 404),
        ("GET", "/v1/reports/", 404),
        ("GET", "/docs", 404),
        ("GET", "/v1/reports", 405),
        ("DELETE", "/v1/reports", 405),
        ("POST", "/v1/health", 405),
    ]:
        answer = requests.request(method, platform.base_url + path, timeout=5)
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


def connected(platform: Platform) -> socket.socket:
    host, port = platform.base_url.removeprefix("http://").split(":")
    raw = socket.create_connection((host, int(port)), timeout=20)
    raw.settimeout(20)
    return raw


def request_head(platform: Platform, body: bytes, **more: str) -> bytes:
    headers = headers_of(platform.asked(), body, platform.secret)
    headers |= {"host": "desk", "content-type": "application/json"} | more
    said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /v1/reports HTTP/1.1\r\n{said}\r\n".encode()


def all_of(raw: socket.socket) -> bytes:
    """Return what the server says until it hangs up."""
    pieces = []
    while piece := raw.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def test_a_body_declared_too_long_is_refused_before_it_is_sent(platform: Platform) -> None:
    with connected(platform) as raw:
        raw.sendall(request_head(platform, b"", **{"content-length": str(10**15)}))
        assert b"413" in all_of(raw).splitlines()[0]


def test_a_body_without_a_length_is_refused_where_it_grows_too_long(
    desk: Desk, platform: Platform
) -> None:
    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    with connected(platform) as raw:
        raw.sendall(request_head(platform, b"", **{"transfer-encoding": "chunked"}))
        raw.sendall(chunk * (BODY_LIMIT // 4096) + b"1\r\nx\r\n")
        assert b"413" in all_of(raw).splitlines()[0]
    assert stored(desk) == 0


def test_a_report_of_exactly_the_limit_is_read_whole(platform: Platform) -> None:
    body = changed()
    padded = body[:-1] + b" " * (BODY_LIMIT - len(body)) + b"}"
    assert platform.send(padded).status_code == 202
    assert platform.send(padded + b" ").status_code == 413


def test_a_length_that_promises_more_than_comes_stores_nothing(
    desk: Desk, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "BODY_SECONDS", 0.5)
    body = changed()
    head = request_head(platform, body, **{"content-length": str(len(body) + 10)})
    with connected(platform) as raw:
        raw.sendall(head + body)
        assert b"408" in all_of(raw).splitlines()[0]
    with connected(platform) as raw:
        raw.sendall(head + body)
        raw.shutdown(socket.SHUT_WR)
        all_of(raw)
    assert stored(desk) == 0
    assert platform.send().status_code == 202


def test_a_length_that_promises_less_than_comes_stores_nothing(
    desk: Desk, platform: Platform
) -> None:
    body = changed()
    with connected(platform) as raw:
        raw.sendall(request_head(platform, body, **{"content-length": str(len(body) - 10)}) + body)
        assert b"401" in all_of(raw).splitlines()[0]
    assert stored(desk) == 0


@pytest.mark.parametrize(
    "lie", ["-1", "0x10", "1, 2", "ten", "1" * 5000], ids=["minus", "hex", "two", "word", "long"]
)
def test_a_length_that_is_no_number_stores_nothing(
    desk: Desk, platform: Platform, lie: str
) -> None:
    with connected(platform) as raw:
        raw.sendall(request_head(platform, b"", **{"content-length": lie}))
        assert all_of(raw).splitlines()[0].split()[1] in {b"400", b"413"}
    assert stored(desk) == 0


def test_a_request_with_both_ways_to_end_a_body_is_refused_or_read_as_one(
    desk: Desk, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "BODY_SECONDS", 0.5)
    body = changed()
    both = {"content-length": str(len(body)), "transfer-encoding": "chunked"}
    with connected(platform) as raw:
        raw.sendall(request_head(platform, body, **both) + body)
        assert b" 202 " not in all_of(raw).splitlines()[0]
    assert stored(desk) == 0


def drip(raw: socket.socket, content: bytes, pause: Callable[[], None]) -> bytes:
    """Send byte after byte until the server hangs up; return what it said."""
    for number in range(len(content)):
        try:
            raw.sendall(content[number : number + 1])
        except OSError:
            break
        pause()
    try:
        return all_of(raw)
    except ConnectionError:
        return b""


def test_a_body_that_drips_in_is_given_up_and_others_are_served_meanwhile(
    desk: Desk, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "BODY_SECONDS", 0.5)
    body = changed()
    head = request_head(platform, body, **{"content-length": str(len(body))})
    answers: list[int] = []
    with connected(platform) as raw:
        raw.sendall(head)
        said = drip(raw, body, lambda: answers.append(platform.send().status_code))
    assert set(answers) == {202}
    assert len(answers) < len(body)
    assert not said or b"408" in said.splitlines()[0]
    assert stored(desk) == len(answers)


def test_headers_that_drip_in_are_given_up(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HEADER_SECONDS", 0.3)
    answers: list[int] = []
    with connected(platform) as raw:
        said = drip(
            raw,
            b"GET /v1/health HTTP/1.1\r\nx: " + b"y" * 5000,
            lambda: answers.append(platform.send().status_code),
        )
    assert said == b""
    assert len(answers) < 5000
    assert set(answers) == {202}


def test_headers_without_end_are_refused(platform: Platform) -> None:
    with connected(platform) as raw:
        raw.sendall(b"GET /v1/health HTTP/1.1\r\nx: " + b"y" * 100_000)
        try:
            said = all_of(raw)
        except ConnectionError:
            said = b"HTTP/1.1 400"
        assert b"400" in said.splitlines()[0]


def test_a_refused_request_leaves_no_nonce_but_a_signed_one_does(
    desk: Desk, platform: Platform
) -> None:
    body = changed()
    platform.post(body, headers_of(platform.asked(), body, "w" * 43))
    with desk.store.reading() as session:
        assert session.exec(select(PartnerNonce)).all() == []
    platform.send(body)
    with desk.store.reading() as session:
        assert len(session.exec(select(PartnerNonce)).all()) == 1
