from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import tweepy
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.simulator.server import XSimulator
from socialdesk.simulator.x.limits import REAL_LIKE
from socialdesk.simulator.x.pages import page_of


@dataclass(frozen=True)
class Numbered:
    id: str


@pytest.fixture(scope="module")
def sim() -> Iterator[XSimulator]:
    with XSimulator() as sim:
        yield sim


def signed(sim: XSimulator, **changed: str) -> Any:
    keys = dict(sim.secrets) | changed
    keys.pop("bearer_token")
    return tweepy.OAuth1UserHandler(**keys).apply_auth()


def get(sim: XSimulator, path: str, auth: Any, **params: str) -> requests.Response:
    return requests.get(f"{sim.base_url}{path}", params=params, auth=auth, timeout=5)


def bearer(sim: XSimulator, path: str, token: str | None = None) -> requests.Response:
    value = f"Bearer {token or sim.secrets['bearer_token']}"
    return requests.get(f"{sim.base_url}{path}", headers={"Authorization": value}, timeout=5)


@pytest.mark.parametrize(
    "changed", [{}, {"consumer_key": "k"}, {"access_token": "1-x"}, {"access_token_secret": "s"}]
)
def test_only_a_right_signature_opens(sim: XSimulator, changed: dict[str, str]) -> None:
    answer = get(sim, "/2/users/me", signed(sim, **changed), **{"user.fields": "created_at,url"})
    assert answer.status_code == (401 if changed else 200)


def test_without_credentials_nothing_opens(sim: XSimulator) -> None:
    answer = get(sim, "/2/users/me", None)
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["status"] == 401
    assert bearer(sim, "/2/tweets?ids=1", "wrong").status_code == 401


def test_an_application_reads_mentions_but_no_private_messages(sim: XSimulator) -> None:
    assert bearer(sim, f"/2/users/{sim.account.id}/mentions").status_code == 200
    refused = bearer(sim, "/2/dm_events")
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("unsupported-authentication")


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/2/users/{id}/mentions", {"max_results": "4"}),
        ("/2/users/{id}/mentions", {"max_results": "101"}),
        ("/2/users/{id}/mentions", {"max_results": "ten"}),
        ("/2/users/{id}/mentions", {"colour": "blue"}),
        ("/2/users/{id}/mentions", {"since_id": "abc"}),
        ("/2/users/{id}/mentions", {"start_time": "today"}),
        ("/2/users/{id}/mentions", {"pagination_token": "mine"}),
        ("/2/users/{id}/mentions", {"expansions": "everything"}),
        ("/2/users/{id}/mentions", {"post.fields": "referenced_tweets"}),
        ("/2/dm_events", {"max_results": "0"}),
        ("/2/dm_events", {"since_id": "1"}),
        ("/2/tweets", {}),
        ("/2/tweets/search/recent", {"query": "x", "max_results": "5"}),
    ],
)
def test_a_parameter_that_x_would_not_take_is_an_invalid_request(
    sim: XSimulator, path: str, params: dict[str, str]
) -> None:
    answer = get(sim, path.format(id=sim.account.id), signed(sim), **params)
    assert answer.status_code == 400
    assert answer.json()["type"] == "https://api.x.com/2/problems/invalid-request"
    assert answer.json()["errors"]


def test_since_and_until_are_both_exclusive(sim: XSimulator) -> None:
    ids = [
        sim.network.post(sim.network.join("ann", "Ann"), "@NorthshirePolice x").id for _ in range(5)
    ]
    answer = get(
        sim,
        f"/2/users/{sim.account.id}/mentions",
        signed(sim),
        since_id=ids[0],
        until_id=ids[4],
    ).json()
    assert [post["id"] for post in answer["data"]] == [ids[3], ids[2], ids[1]]
    assert answer["meta"] == {"result_count": 3, "newest_id": ids[3], "oldest_id": ids[1]}


def test_private_messages_reach_thirty_days_back() -> None:
    with XSimulator() as sim:
        jo = sim.network.join("jo", "Jo")
        now = datetime.now(UTC)
        sim.network.message(jo, sim.account, "too old", at=now - timedelta(days=31))
        kept = sim.network.message(jo, sim.account, "kept", at=now - timedelta(days=29))
        answer = get(sim, "/2/dm_events", signed(sim)).json()
    assert [event["id"] for event in answer["data"]] == [kept.id]


def test_a_spent_window_answers_429_until_its_reset() -> None:
    with XSimulator(limits=REAL_LIKE) as sim:
        path = f"/2/users/{sim.account.id}/tweets"
        left = [bearer(sim, path).headers["x-rate-limit-remaining"] for _ in range(5)]
        assert left == ["4", "3", "2", "1", "0"]
        spent = bearer(sim, path)
        assert spent.status_code == 429
        assert int(spent.headers["x-rate-limit-reset"]) > 0
        assert get(sim, path, signed(sim)).status_code == 200


def test_the_control_endpoints_refuse_what_they_do_not_know(sim: XSimulator) -> None:
    for path, body in (("say", {}), ("faults", [{"kind": "x"}]), ("dance", {})):
        answer = requests.post(f"{sim.base_url}/_sim/{path}", json=body, timeout=5)
        assert answer.status_code == 400
        assert answer.json()["error"]


def test_applied_faults_are_counted_in_the_summary() -> None:
    with XSimulator() as sim:
        rules = [{"kind": "server_error", "times": 2}]
        requests.post(f"{sim.base_url}/_sim/faults", json=rules, timeout=5)
        codes = [bearer(sim, "/2/tweets?ids=1").status_code for _ in range(3)]
        summary = requests.get(f"{sim.base_url}/_sim/summary", timeout=5).json()
    assert codes == [503, 503, 200]
    assert summary["faults"] == {"server_error": 2}


@given(st.sets(st.integers(1, 10**18), max_size=60), st.integers(1, 20))
def test_a_walk_of_any_history_by_any_page_size_returns_exactly_the_set(
    ids: set[int], size: int
) -> None:
    items = [Numbered(str(number)) for number in sorted(ids)]
    walked: list[str] = []
    token: str | None = None
    while True:
        page = page_of(items, size=size, token=token)
        walked += [item.id for item in page.items]
        if page.next_token is None:
            break
        assert len(page.next_token) >= 16
        token = page.next_token
        items.append(Numbered(str(10**18 + len(walked))))
        back = page_of(items, size=size, token=token).previous_token
        assert back is None or page_of(items, size=size, token=back).items == page.items
    assert walked == [str(number) for number in sorted(ids, reverse=True)]
