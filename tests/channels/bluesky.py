from datetime import UTC, datetime
from typing import Any

from socialdesk.channels.base import Item, Outgoing, Stream
from socialdesk.channels.bluesky.client import BlueskyChannel
from socialdesk.channels.bluesky.credentials import BlueskyCredentials
from socialdesk.channels.bluesky.transport import BlueskySession
from socialdesk.core.clock import SystemClock
from socialdesk.simulator.faults import rules_from
from socialdesk.simulator.network import User
from socialdesk.simulator.server import BlueskySimulator


def opened(sim: BlueskySimulator, timeout: float = 2.0, password: str = "") -> BlueskyChannel:
    keys = BlueskyCredentials(
        identifier=sim.secrets["identifier"],
        app_password=password or sim.secrets["app_password"],
    )
    return BlueskyChannel(keys, BlueskySession(sim.base_url, timeout), SystemClock())


def person(sim: BlueskySimulator, name: str = "jo") -> User:
    return sim.network.join(name, name.title())


def fault(sim: BlueskySimulator, **rule: Any) -> None:
    sim.faults.replace(rules_from([rule], source="the test"))


def asked(sim: BlueskySimulator) -> list[str]:
    """Return a list to which the names of all calls from now on are added."""
    calls: list[str] = []
    answer = sim._dialect.answer

    def heard(request: Any) -> Any:
        calls.append(request.path.rpartition(".")[2])
        return answer(request)

    sim._dialect.answer = heard  # type: ignore[method-assign]
    return calls


def walk(channel: BlueskyChannel, stream: Stream, since: str | None = None) -> list[Item]:
    items: list[Item] = []
    page: str | None = None
    while True:
        got = channel.read(stream, since=since, page=page)
        items += got.items
        page = got.next_page
        if page is None:
            return items


def answering(sim: BlueskySimulator, channel: BlueskyChannel, stream: Stream) -> Outgoing:
    if stream is Stream.MENTIONS:
        sim.network.post(person(sim), "@NorthshirePolice help")
    else:
        sim.network.message(person(sim), sim.account, "help")
    item = channel.read(stream, since=None, page=None).items[0]
    parent = item.remote_id if stream is Stream.MENTIONS else None
    return Outgoing(stream, "On our way", parent, item.contact_id, datetime.now(UTC), "m-1")
