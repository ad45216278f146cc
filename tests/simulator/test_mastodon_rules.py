"""The simulated instance keeps Mastodon's rules, as its documentation states them."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from socialdesk.simulator.mastodon.limits import REAL_LIKE
from socialdesk.simulator.server import MastodonSimulator
from tests.networks import say


@pytest.fixture
def sim() -> Iterator[MastodonSimulator]:
    with MastodonSimulator() as simulator:
        yield simulator


def call(
    sim: MastodonSimulator, method: str, path: str, key: str | None = None, **options: Any
) -> requests.Response:
    headers = {"Authorization": f"Bearer {sim.secrets['access_token']}"}
    headers |= {"Idempotency-Key": key} if key else {}
    url = f"{sim.base_url}/api/{path}"
    return requests.request(method, url, headers=headers, timeout=5, **options)


def publish(sim: MastodonSimulator, text: str, key: str | None = None, **more: str) -> Any:
    return call(sim, "POST", "v1/statuses", key, data={"status": text, **more})


@pytest.mark.parametrize("token", ["", "wrong"])
def test_only_the_accounts_token_is_let_in(sim: MastodonSimulator, token: str) -> None:
    url = f"{sim.base_url}/api/v1/accounts/verify_credentials"
    answer = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=5)
    assert (answer.status_code, list(answer.json())) == (401, ["error"])
    assert call(sim, "GET", "v1/accounts/verify_credentials").json()["acct"] == "NorthshirePolice"


def test_the_same_key_publishes_once_and_another_again(sim: MastodonSimulator) -> None:
    ids = [publish(sim, "hello", key).json()["id"] for key in ("a", "a", "b", None)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    ("text", "more", "status"),
    [
        ("", {}, 422),
        ("x" * 501, {}, 422),
        ("x" * 500, {}, 200),
        ("https://example.org/" + "a" * 600, {}, 200),
        ("hello", {"visibility": "secret"}, 422),
        ("hello", {"in_reply_to_id": "7"}, 404),
    ],
)
def test_a_status_that_breaks_a_rule_is_not_published(
    sim: MastodonSimulator, text: str, more: dict[str, str], status: int
) -> None:
    assert publish(sim, text, **more).status_code == status
    assert len(sim.control.summary()["desk"]["posts"]) == (status == 200)


def test_a_direct_status_reaches_whom_it_names_and_is_in_no_public_list(
    sim: MastodonSimulator,
) -> None:
    jo = sim.network.join("jo", "Jo")
    publish(sim, "@jo in private", visibility="direct")
    desk = sim.control.summary()["desk"]
    assert [(sent["to"], sent["text"]) for sent in desk["dms"]] == [(jo.id, "@jo in private")]
    assert desk["posts"] == []
    own = call(sim, "GET", f"v1/accounts/{sim.account.id}/statuses").json()
    assert [one["visibility"] for one in own] == ["direct"]
    (conversation,) = call(sim, "GET", "v1/conversations").json()
    assert [one["acct"] for one in conversation["accounts"]] == ["jo"]


def test_pages_are_named_in_the_link_header_and_their_ids_are_exclusive(
    sim: MastodonSimulator,
) -> None:
    said = [say(sim, "jo", f"{n}") for n in range(5)]
    page = call(sim, "GET", "v1/notifications?limit=2")
    assert [one["status"]["id"] for one in page.json()] == said[:-3:-1]
    onward = requests.get(page.links["next"]["url"], headers=page.request.headers, timeout=5)
    assert [one["status"]["id"] for one in onward.json()] == [said[2], said[1]]
    lowest = page.json()[-1]["id"]
    newer = call(sim, "GET", f"v1/notifications?since_id={lowest}").json()
    assert [one["status"]["id"] for one in newer] == [said[4]]


def test_a_context_names_the_thread_above_and_below(sim: MastodonSimulator) -> None:
    first = say(sim, "jo", "one")
    second = publish(sim, "@jo two", in_reply_to_id=first).json()["id"]
    third = say(sim, "jo", "three", reply_to=second)
    context = call(sim, "GET", f"v1/statuses/{second}/context").json()
    assert [one["id"] for one in context["ancestors"]] == [first]
    assert [one["id"] for one in context["descendants"]] == [third]


def test_the_limit_is_told_in_headers_and_kept() -> None:
    with MastodonSimulator(limits={**REAL_LIKE, "*": 2}) as sim:
        answers = [call(sim, "GET", "v1/notifications") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert all(answer.headers["X-RateLimit-Reset"].endswith("Z") for answer in answers)


def test_hostile_text_is_served_as_text(sim: MastodonSimulator) -> None:
    remote_id = say(sim, "jo", "<script>alert(1)</script> & https://example.org/?a=1&b=2")
    content = call(sim, "GET", f"v1/statuses/{remote_id}").json()["content"]
    assert "<script>" not in content
    assert "&lt;script&gt;" in content
    assert 'href="https://example.org/?a=1&amp;b=2"' in content
