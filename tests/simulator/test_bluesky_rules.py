from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.core.clock import SetClock
from socialdesk.simulator.bluesky.limits import REAL_LIKE
from socialdesk.simulator.bluesky.names import (
    COLLECTION,
    did_of,
    is_tid,
    number_of,
    tid_of,
    user_id_in,
)
from socialdesk.simulator.bluesky.tokens import ACCESS_SECONDS, REFRESH_SECONDS
from socialdesk.simulator.server import BlueskySimulator

CHAT = {"atproto-proxy": "did:web:api.bsky.chat#bsky_chat"}
KEY = "3kabcdefghi22"


@pytest.fixture
def sim() -> Iterator[BlueskySimulator]:
    with BlueskySimulator() as sim:
        yield sim


def session(sim: BlueskySimulator) -> dict[str, str]:
    signin = {
        "identifier": sim.secrets["identifier"],
        "password": sim.secrets["app_password"],
    }
    return dict(post(sim, "com.atproto.server.createSession", signin, token="").json())


def headers(sim: BlueskySimulator, token: str | None) -> dict[str, str]:
    token = session(sim)["accessJwt"] if token is None else token
    return CHAT | ({"authorization": f"Bearer {token}"} if token else {})


def get(sim: BlueskySimulator, nsid: str, token: str | None = None, **params: Any) -> Any:
    url = f"{sim.base_url}/xrpc/{nsid}"
    return requests.get(url, params=params, headers=headers(sim, token), timeout=5)


def post(
    sim: BlueskySimulator, nsid: str, data: dict[str, Any], token: str | None = None
) -> requests.Response:
    url = f"{sim.base_url}/xrpc/{nsid}"
    return requests.post(url, json=data, headers=headers(sim, token), timeout=5)


def written(sim: BlueskySimulator, **changed: Any) -> dict[str, Any]:
    record = {"$type": COLLECTION, "text": "hello", "createdAt": "2026-03-07T09:00:00.000Z"}
    return {
        "repo": did_of(sim.account.id),
        "collection": COLLECTION,
        "rkey": KEY,
        "record": record | changed,
    }


def test_only_the_app_password_opens_a_session(sim: BlueskySimulator) -> None:
    wrong = {"identifier": sim.secrets["identifier"], "password": "x"}
    refused = post(sim, "com.atproto.server.createSession", wrong, token="")
    assert refused.status_code == 401
    assert refused.json()["error"] == "AuthenticationRequired"
    assert get(sim, "com.atproto.server.describeServer", token="").status_code == 200
    profile = get(sim, "app.bsky.actor.getProfile", actor=did_of(sim.account.id))
    assert profile.json()["handle"] == sim.secrets["identifier"]


def test_tokens_end_and_are_renewed() -> None:
    clock = SetClock(datetime(2026, 3, 7, 9, tzinfo=UTC))
    with BlueskySimulator(clock=clock) as sim:
        opened = session(sim)
        name = "app.bsky.notification.listNotifications"
        assert get(sim, name, opened["accessJwt"]).status_code == 200
        clock.advance(ACCESS_SECONDS)
        assert get(sim, name, opened["accessJwt"]).json()["error"] == "ExpiredToken"
        renewed = post(sim, "com.atproto.server.refreshSession", {}, opened["refreshJwt"]).json()
        assert get(sim, name, renewed["accessJwt"]).status_code == 200
        clock.advance(REFRESH_SECONDS)
        late = post(sim, "com.atproto.server.refreshSession", {}, opened["refreshJwt"])
        assert late.json()["error"] == "ExpiredToken"


@pytest.mark.parametrize("spoil", [lambda t: t[:-2], lambda t: "a.b.c", lambda t: "é"])
def test_a_token_of_other_making_opens_nothing(sim: BlueskySimulator, spoil: Any) -> None:
    token = spoil(session(sim)["accessJwt"]).encode().decode("latin-1")
    assert get(sim, "app.bsky.notification.listNotifications", token).status_code == 400
    refresh = session(sim)["refreshJwt"]
    assert get(sim, "app.bsky.notification.listNotifications", refresh).status_code == 400
    assert get(sim, "app.bsky.notification.listNotifications", "").status_code == 401


def test_a_key_holds_one_record(sim: BlueskySimulator) -> None:
    first = post(sim, "com.atproto.repo.createRecord", written(sim))
    assert first.json()["uri"] == f"at://{did_of(sim.account.id)}/{COLLECTION}/{KEY}"
    second = post(sim, "com.atproto.repo.createRecord", written(sim, text="another"))
    assert second.status_code == 500
    third = post(sim, "com.atproto.repo.putRecord", written(sim) | {"swapRecord": None})
    assert third.json()["error"] == "InvalidSwap"
    listed = get(sim, "com.atproto.repo.listRecords", repo=did_of(sim.account.id))
    assert [record["value"]["text"] for record in listed.json()["records"]] == ["hello"]


def test_a_put_under_a_free_key_makes_the_record(sim: BlueskySimulator) -> None:
    made = post(sim, "com.atproto.repo.putRecord", written(sim)).json()
    where = {"repo": did_of(sim.account.id), "collection": COLLECTION, "rkey": KEY}
    found = get(sim, "com.atproto.repo.getRecord", **where).json()
    assert (found["uri"], found["cid"]) == (made["uri"], made["cid"])
    assert found["value"]["createdAt"] == "2026-03-07T09:00:00.000Z"
    assert post(sim, "com.atproto.repo.deleteRecord", where).status_code == 200
    gone = get(sim, "com.atproto.repo.getRecord", **where)
    assert (gone.status_code, gone.json()["error"]) == (400, "RecordNotFound")


@pytest.mark.parametrize(
    "changed",
    [
        {"$type": "app.bsky.feed.like"},
        {"text": None},
        {"text": "é" * 1501},
        {"createdAt": "today"},
        {"createdAt": "2026-03-07T09:00:00"},
        {"reply": {}},
        {"reply": {"root": {"uri": "at://x", "cid": "y"}, "parent": {"uri": "at://x"}}},
        {"facets": [{"index": {"byteStart": 0, "byteEnd": 99}, "features": [{"$type": "x"}]}]},
        {"facets": [{}]},
        {"facets": 7},
    ],
)
def test_a_record_that_is_no_post_is_refused(
    sim: BlueskySimulator, changed: dict[str, Any]
) -> None:
    assert post(sim, "com.atproto.repo.createRecord", written(sim, **changed)).status_code == 400


@pytest.mark.parametrize("changed", [{"rkey": "m-1"}, {"repo": "x"}, {"collection": "a.b.c"}])
def test_a_record_in_a_wrong_place_is_refused(
    sim: BlueskySimulator, changed: dict[str, Any]
) -> None:
    data = written(sim) | changed
    assert post(sim, "com.atproto.repo.createRecord", data).status_code == 400


def test_chat_lies_behind_the_proxy_header(sim: BlueskySimulator) -> None:
    token = session(sim)["accessJwt"]
    bare = requests.get(
        f"{sim.base_url}/xrpc/chat.bsky.convo.listConvos",
        headers={"authorization": f"Bearer {token}"},
        timeout=5,
    )
    assert (bare.status_code, bare.json()["error"]) == (501, "MethodNotImplemented")


def test_a_conversation_is_a_request_until_it_is_accepted_or_answered(
    sim: BlueskySimulator,
) -> None:
    people = [sim.network.join(name, name) for name in ("al", "bo", "cy")]
    for who in people:
        sim.network.message(who, sim.account, "hi")
    al, bo, _ = (
        get(sim, "chat.bsky.convo.getConvoForMembers", members=did_of(who.id)).json()["convo"]
        for who in people
    )
    post(sim, "chat.bsky.convo.acceptConvo", {"convoId": al["id"]})
    data = {"convoId": bo["id"], "message": {"text": "hello bo"}}
    sent = post(sim, "chat.bsky.convo.sendMessage", data).json()
    inboxes = {
        status: [
            convo["members"][1]["displayName"]
            for convo in get(sim, "chat.bsky.convo.listConvos", status=status).json()["convos"]
        ]
        for status in ("accepted", "request")
    }
    assert inboxes == {"accepted": ["bo", "al"], "request": ["cy"]}
    again = get(sim, "chat.bsky.convo.getConvo", convoId=bo["id"]).json()["convo"]
    assert again["lastMessage"]["id"] == sent["id"]
    assert post(sim, "chat.bsky.convo.acceptConvo", {"convoId": bo["id"]}).json() == {}


def test_threads_and_feeds_show_what_was_said(sim: BlueskySimulator) -> None:
    jo = sim.network.join("jo", "Jo")
    root = sim.network.post(jo, "@NorthshirePolice look at https://example.org/ö now")
    sim.network.post(sim.account, "Thanks", reply_to=root.id)
    (shown,) = get(sim, "app.bsky.notification.listNotifications").json()["notifications"]
    facets = shown["record"]["facets"]
    assert [facet["features"][0]["$type"].partition("#")[2] for facet in facets] == [
        "mention",
        "link",
    ]
    thread = get(sim, "app.bsky.feed.getPostThread", uri=shown["uri"]).json()["thread"]
    assert thread["post"]["cid"] == shown["cid"]
    assert thread["replies"][0]["post"]["record"]["text"] == "Thanks"
    assert thread["replies"][0]["post"]["record"]["reply"]["root"]["uri"] == shown["uri"]
    feed = get(sim, "app.bsky.feed.getAuthorFeed", actor=sim.secrets["identifier"]).json()
    assert [entry["post"]["record"]["text"] for entry in feed["feed"]] == ["Thanks"]
    assert get(sim, "app.bsky.feed.getPosts", uris="at://nobody/x/y").json() == {"posts": []}
    missing = get(sim, "app.bsky.feed.getPostThread", uri="at://nobody/x/y")
    assert missing.json()["error"] == "NotFound"


@pytest.mark.parametrize("params", [{"limit": "0"}, {"limit": "101"}, {"cursor": "page 2"}])
def test_a_page_that_bluesky_would_not_serve_is_refused(
    sim: BlueskySimulator, params: dict[str, str]
) -> None:
    answer = get(sim, "app.bsky.notification.listNotifications", **params)
    assert answer.json()["error"] == "InvalidRequest"


def test_a_spent_window_answers_429_until_its_reset() -> None:
    with BlueskySimulator(limits={**REAL_LIKE, "*": 2}) as sim:
        token = session(sim)["accessJwt"]
        name = "app.bsky.notification.listNotifications"
        left = [get(sim, name, token).headers["ratelimit-remaining"] for _ in range(2)]
        assert left == ["1", "0"]
        spent = get(sim, name, token)
        assert (spent.status_code, spent.json()["error"]) == (429, "RateLimitExceeded")
        resets = datetime.fromtimestamp(int(spent.headers["ratelimit-reset"]), UTC)
        assert datetime.now(UTC) < resets < datetime.now(UTC) + timedelta(seconds=301)
        assert spent.headers["ratelimit-policy"] == "2;w=300"


def test_a_restart_keeps_records_under_their_keys(tmp_path: Path) -> None:
    with BlueskySimulator(journal=tmp_path / "j") as sim:
        made = post(sim, "com.atproto.repo.createRecord", written(sim)).json()
        opened = session(sim)
    with BlueskySimulator(journal=tmp_path / "j") as sim:
        where = {"repo": did_of(sim.account.id), "collection": COLLECTION, "rkey": KEY}
        found = get(sim, "com.atproto.repo.getRecord", opened["accessJwt"], **where).json()
        assert (found["uri"], found["cid"]) == (made["uri"], made["cid"])
        again = post(sim, "com.atproto.repo.createRecord", written(sim))
        assert again.status_code == 500


@given(st.integers(0, 2**63 - 1))
def test_names_lead_back_to_what_they_name(number: int) -> None:
    assert number_of(tid_of(str(number))) == str(number)
    assert is_tid(tid_of(str(number)))
    assert user_id_in(did_of(str(number))) == str(number)
