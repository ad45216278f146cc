import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import tweepy

from socialdesk.channels.base import Outgoing, Stream
from socialdesk.channels.x.transport import XSession
from socialdesk.simulator.exchange import Request
from socialdesk.simulator.wire import Outcome

from . import openapi
from .world import World

POST_READ = {
    "post.fields": "created_at,conversation_id,entities,lang,note_post",
    "user.fields": "created_at,description,protected,verified,verified_type",
    "expansions": "author_id,in_reply_to_user_id,referenced_posts,entities.mentions.username",
}
DM_READ = {
    "dm_event.fields": "id,text,event_type,created_at,dm_conversation_id,entities",
    "expansions": "sender_id,participant_ids",
}


@pytest.fixture
def client(world: World) -> Iterator[tweepy.Client]:
    openapi.document()
    client = tweepy.Client(**asdict(world.sim.credentials), return_type=requests.Response)
    client.session = XSession(world.sim.base_url, 5)
    yield client
    client.session.close()


@pytest.fixture
def person(world: World) -> str:
    world.mention("jo", "see https://example.org/a <here> & " + "there " * 60)
    first = world.mention("jo", "again")
    world.say("jo", dm="and here https://example.org/b")
    user = world.sim.network.find("jo")
    assert user is not None
    world.sim.network.post(world.sim.account, "Thanks", reply_to=first)
    world.sim.network.message(world.sim.account, user, "Hello")
    return user.id


def _known_members(value: dict[str, Any], schema: dict[str, Any]) -> None:
    known = openapi.resolved(schema)["properties"]
    assert value.keys() <= known.keys()
    for name, part in value.items():
        if name in ("data", "includes") and isinstance(part, dict):
            _known_members(part, known[name])
        elif isinstance(part, list) and part and "$ref" in known[name].get("items", {}):
            for entry in part:
                if name != "errors":
                    _known_members(entry, known[name]["items"])


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/2/users/me", {"user.fields": "created_at,description"}),
        ("/2/users/{account}/mentions", POST_READ | {"max_results": "5"}),
        ("/2/users/{account}/mentions", {}),
        ("/2/users/{account}/tweets", POST_READ),
        ("/2/tweets/search/recent", POST_READ | {"query": "again"}),
        ("/2/tweets", {"ids": "{post},1"}),
        ("/2/dm_events", DM_READ | {"max_results": "1"}),
        ("/2/dm_conversations/with/{person}/dm_events", DM_READ),
        ("/2/dm_conversations/{conversation}/dm_events", DM_READ),
    ],
)
def test_each_read_answers_as_the_document_says(
    world: World, client: tweepy.Client, person: str, path: str, query: dict[str, str]
) -> None:
    names = {
        "account": world.sim.account.id,
        "person": person,
        "post": world.sim.control.summary()["public"]["mentions"][0],
        "conversation": world.sim.network.messages_of(person)[0].conversation_id,
    }
    asked = {name: value.format(**names) for name, value in query.items()}
    response = client.request("GET", path.format(**names), params=asked, user_auth=True)
    schema = openapi.response_schema("GET", path.format(**names), 200)
    openapi.validate(response.json(), schema)
    _known_members(response.json(), schema)
    assert response.json()["data"]


def test_each_write_answers_as_the_document_says(
    world: World, client: tweepy.Client, person: str
) -> None:
    conversation = world.sim.network.messages_of(person)[0].conversation_id
    for method, path, body in (
        ("POST", "/2/tweets", {"text": "Road open"}),
        ("POST", f"/2/dm_conversations/with/{person}/messages", {"text": "Are you safe?"}),
        ("POST", f"/2/dm_conversations/{conversation}/messages", {"text": "Still there?"}),
    ):
        response = client.request(method, path, json=body, user_auth=True)
        assert response.status_code == 201
        openapi.validate(response.json(), openapi.response_schema(method, path, 201))
    post_id = world.sim.control.summary()["desk"]["posts"][-1]["id"]
    deleted = client.request("DELETE", f"/2/tweets/{post_id}", user_auth=True)
    openapi.validate(deleted.json(), openapi.response_schema("DELETE", f"/2/tweets/{post_id}", 200))
    assert deleted.json() == {"data": {"deleted": True}}


def test_a_missing_post_is_a_problem_of_the_document(world: World, client: tweepy.Client) -> None:
    response = client.request("GET", "/2/tweets", params={"ids": "7"}, user_auth=True)
    (problem,) = response.json()["errors"]
    openapi.validate(problem, {"$ref": "#/components/schemas/ResourceNotFoundProblem"})


def test_the_adapters_requests_are_in_the_document(world: World, person: str) -> None:
    openapi.document()
    seen: list[Request] = []
    decide = world.sim._wire.decide

    def noting(request: Request) -> Outcome:
        seen.append(request)
        return decide(request)

    world.sim._wire.decide = noting
    post = world.channel.read(Stream.MENTIONS, since="1", page=None).items[0]
    world.channel.read(Stream.DMS, since="1", page=None)
    world.channel.identify()
    for stream in (Stream.MENTIONS, Stream.DMS):
        reply_to = post.remote_id if stream is Stream.MENTIONS else None
        outgoing = Outgoing(stream, "Hello", reply_to, person, datetime.now(UTC), "m")
        world.channel.send(outgoing)
        world.channel.find_sent(outgoing)
    assert len({(request.method, request.path) for request in seen}) == 7
    for request in seen:
        _check_query(request)
        if request.body:
            content = openapi.operation(request.method, request.path)[0]["requestBody"]["content"]
            openapi.validate(json.loads(request.body), content["application/json"]["schema"])


def _check_query(request: Request) -> None:
    listed = openapi.operation(request.method, request.path)[0].get("parameters", [])
    known = {parameter["name"]: parameter for parameter in map(openapi.resolved, listed)}
    for name, value in request.query.items():
        parameter = known[openapi.PARAMETER_ALIASES.get(name, name)]
        schema = openapi.resolved(parameter["schema"])
        given: Any = value
        if schema["type"] == "integer":
            given = int(value)
        elif schema["type"] == "array":
            words = [openapi.FIELD_ALIASES.get(word, word) for word in value.split(",")]
            renamed = name in openapi.PARAMETER_ALIASES
            given = [word for word in words if not (renamed and word in openapi.EXPANDED)]
        openapi.validate(given, schema)
