"""Bluesky as a channel, over the real atproto client.

This is the one door to the modules of this room that load atproto.
"""

from typing import Any

from socialdesk.channels.base import (
    Author,
    Capabilities,
    Item,
    Outgoing,
    Page,
    Receipt,
    Rejected,
    Stream,
)
from socialdesk.channels.bluesky import sending, sent
from socialdesk.channels.bluesky.capabilities import BLUESKY
from socialdesk.channels.bluesky.compose import COLLECTION
from socialdesk.channels.bluesky.credentials import BlueskyCredentials
from socialdesk.channels.bluesky.dms import messages_of, own_author, read_messages
from socialdesk.channels.bluesky.failures import failures, is_absent
from socialdesk.channels.bluesky.mentions import read_mentions
from socialdesk.channels.bluesky.order import time_of
from socialdesk.channels.bluesky.parse import author_of, id_of, parse_item, parse_messages
from socialdesk.channels.bluesky.tid import rkey_for
from socialdesk.channels.bluesky.transport import BlueskySession
from socialdesk.channels.bluesky.xrpc import Xrpc
from socialdesk.channels.members import Unfit, when
from socialdesk.channels.readback import Look, search
from socialdesk.channels.transport import FAILED
from socialdesk.core.clock import Clock

MESSAGE_WALK = 20
"""Pages of a conversation that `find_sent` reads at most."""


class BlueskyChannel:
    """One Bluesky account. Keeps its session in memory; safe to use from one thread at a time."""

    def __init__(self, credentials: BlueskyCredentials, road: BlueskySession, clock: Clock) -> None:
        self._clock = clock
        self._road = road
        self._xrpc = Xrpc(road, credentials.identifier, credentials.app_password)

    @property
    def capabilities(self) -> Capabilities:
        """What Bluesky can do."""
        return BLUESKY

    def identify(self) -> Author:
        """Return who the credentials belong to."""
        with self._road.within(self._road.timeout_seconds):
            try:
                did = self._xrpc.session.did
                answer = self._xrpc.query("app.bsky.actor.getProfile", {"actor": did})
                return author_of(answer.values())
            except (*FAILED, Unfit) as error:
                raise failures.reading(error) from error

    def newest(self, first: str, second: str) -> str:
        """Return the later of two cursors, which are times; see `order`."""
        return max(first, second, key=time_of)

    def read(
        self, stream: Stream, *, since: str | None, page: str | None, before: str | None = None
    ) -> Page:
        """Return one page; see `mentions` and `dms` for how far a walk goes.

        Neither list can be read from an id downwards, so nobody asks for `before`.
        """
        del before
        read = read_messages if stream is Stream.DMS else read_mentions
        with self._road.within(self._road.timeout_seconds):
            try:
                return read(self._xrpc, since=since, page=page)
            except FAILED as error:
                raise failures.reading(error) from error

    def understand(self, stream: Stream, raw: bytes) -> Item | Rejected:
        """Read again an item as it was kept; asks who the account is, where it has not yet."""
        with self._road.within(self._road.timeout_seconds):
            return parse_item(raw, stream, own_author(self._xrpc))

    def send(self, outgoing: Outgoing) -> Receipt:
        """Publish a reply, asking Bluesky once; see `sending`."""
        with self._road.within(self._road.timeout_seconds):
            return sending.publish(self._xrpc, outgoing, self._clock.now())

    def find_sent(self, outgoing: Outgoing) -> Receipt | None:
        """Look for a post under the reply's own key, or for a message in the conversation.

        Raises:
            ChannelDown: also when what is there could not be understood, or the walk did not reach
                back far enough: the reply's absence is not proven then.
        """
        with self._road.within(self._road.timeout_seconds):
            try:
                if outgoing.stream is Stream.DMS:
                    return self._message(outgoing)
                return self._record(outgoing)
            except FAILED as error:
                raise failures.reading(error) from error

    def _record(self, outgoing: Outgoing) -> Receipt | None:
        key: dict[str, Any] = {
            "repo": self._xrpc.session.did,
            "collection": COLLECTION,
            "rkey": rkey_for(outgoing.marker),
        }
        try:
            found = self._xrpc.query("com.atproto.repo.getRecord", key).values()
            record = found["value"]
            if not sent.is_the_record(record, outgoing):
                return None
            return Receipt(id_of(found, "uri", "at://"), when(record, "createdAt"))
        except FAILED as error:
            if is_absent(error):
                return None
            raise
        except (Unfit, AttributeError) as unfit:
            raise failures.not_understood(1) from unfit

    def _message(self, outgoing: Outgoing) -> Receipt | None:
        convo = sending.convo_with(self._xrpc, outgoing.contact_id)

        def look(page: str | None) -> Look:
            answer = messages_of(self._xrpc, convo, page)
            parsed = parse_messages(answer.body, convo, own_author(self._xrpc))
            same = (item for item in parsed.items if sent.is_the_message(item, outgoing))
            return Look(
                found=next((Receipt(item.remote_id, item.created_at) for item in same), None),
                unread=len(parsed.rejected),
                times=parsed.times,
                next_page=parsed.next_page,
            )

        return search(look, outgoing, failures, pages=MESSAGE_WALK)


def connected(
    credentials: BlueskyCredentials, base_url: str | None, timeout_seconds: float, clock: Clock
) -> BlueskyChannel:
    """Return the channel of an account at an address; nothing is sent yet.

    Raises:
        ConfigError: the address is not one.
    """
    return BlueskyChannel(credentials, BlueskySession(base_url, timeout_seconds), clock)
