"""Mastodon as a channel: mentions, direct messages and replies of one account.

Mentions are read from the account's notifications, direct messages from the same notifications
(those of direct visibility) and then from the account's own statuses, where its side of a private
conversation is. A status is in one stream alone, by its visibility.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

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
from socialdesk.channels.mastodon import parse, sent
from socialdesk.channels.mastodon import place as places
from socialdesk.channels.mastodon.addressing import address
from socialdesk.channels.mastodon.asking import Asking, older
from socialdesk.channels.mastodon.capabilities import MASTODON
from socialdesk.channels.mastodon.credentials import MastodonCredentials
from socialdesk.channels.mastodon.failures import failures
from socialdesk.channels.mastodon.parse import Status, Statuses
from socialdesk.channels.mastodon.place import OVERLAP, Mark, Phase, Place, mark
from socialdesk.channels.mastodon.roots import Roots
from socialdesk.channels.mastodon.snowflake import id_at, moment_of
from socialdesk.channels.mastodon.transport import MastodonSession
from socialdesk.channels.readback import Look, search
from socialdesk.core.clock import Clock

OWN_WALK = 25
"""Pages of own statuses that `find_sent` reads at most."""
OWN_OVERLAP = timedelta(minutes=1)
OWN_HISTORY = timedelta(days=30)
"""How far back a first walk looks for what the account itself said in private."""


class MastodonChannel:
    """One Mastodon account; safe to use from one thread at a time.

    What it remembers between calls never changes on the network: whose the token is, and the roots
    of threads.
    """

    def __init__(
        self,
        credentials: MastodonCredentials,
        session: MastodonSession,
        clock: Clock,
    ) -> None:
        self._session = session
        self._seconds = session.timeout_seconds
        self._clock = clock
        self._capabilities = MASTODON
        self._asking = Asking(credentials, session)
        self._roots = Roots(self._asking.ancestors)

    @property
    def capabilities(self) -> Capabilities:
        """What the instance can do: Mastodon's usual limit until `identify` has asked for its."""
        return self._capabilities

    def identify(self) -> Author:
        """Return who the credentials belong to, and take on the instance's own text limit."""
        with self._session.within(self._seconds):
            me = self._asking.me()
            limit = self._asking.text_limit()
        if limit is not None:
            self._capabilities = replace(
                MASTODON, text_limit=dict.fromkeys(MASTODON.text_limit, limit)
            )
        return me

    def newest(self, first: str, second: str) -> str:
        """Return the later of two cursors; their parts rise with time, as numbers."""
        return places.newest(first, second)

    def read(
        self, stream: Stream, *, since: str | None, page: str | None, before: str | None = None
    ) -> Page:
        """Return one page; where the public's direct messages end, the account's own begin.

        `before` is not asked of this network: its pages' tokens do not expire.
        """
        at = places.place(page)
        with self._session.within(self._seconds):
            if stream is Stream.MENTIONS:
                return self._mentions(at, mark(since))
            return self._private(at, mark(since))

    def understand(self, stream: Stream, raw: bytes) -> Item | Rejected:
        """Read again a status as it was kept; its visibility says which stream it is in."""
        del stream
        status = parse.kept(raw)
        if isinstance(status, Rejected):
            return status
        with self._session.within(self._seconds):
            if not status.direct:
                return self._public([status])[0]
            outbound = status.author.remote_id == self._asking.me().remote_id
        contact = status.addressee() if outbound else status.author.remote_id
        if contact is None:
            return Rejected(raw, "it does not say whom the account wrote to", status.remote_id)
        return _direct(status, contact, outbound=outbound)

    def send(self, outgoing: Outgoing) -> Receipt:
        """Publish a reply, asking once; see `failures` for what each outcome means."""
        with self._session.within(self._seconds):
            with self._session.within(self._seconds / 2):
                to = address(self._asking, outgoing)
            made = self._asking.publish(
                sent.addressed(outgoing.text, to.acct),
                visibility=to.visibility,
                in_reply_to=to.in_reply_to,
                key=outgoing.marker,
            )
        return Receipt(made.remote_id, made.created_at)

    def find_sent(self, outgoing: Outgoing) -> Receipt | None:
        """Look for a reply among the account's own statuses, private ones included.

        Raises:
            ChannelDown: also when one of the statuses could not be understood, or the walk did not
                reach back far enough: its absence is not proven then.
        """

        def look(page: str | None) -> Look:
            got, headers = self._asking.own(before=page)
            same = (status for status in got.found if sent.is_the_same(status, outgoing))
            return Look(
                found=next((Receipt(status.remote_id, status.created_at) for status in same), None),
                unread=len(got.rejected),
                times=[status.created_at for status in got.found],
                next_page=older(headers),
            )

        with self._session.within(self._seconds):
            return search(look, outgoing, failures, pages=OWN_WALK)

    def _mentions(self, at: Place, since: Mark) -> Page:
        got, headers = self._notified(at, since, direct=False)
        return Page(
            items=self._public(got.found),
            rejected=got.rejected,
            next_page=_token(Phase.NOTIFICATIONS, older(headers)),
            allowance=failures.limits.allowance(headers),
            cursor=str(since.past(notifications=got.ids, own=[])),
        )

    def _private(self, at: Place, since: Mark) -> Page:
        """Both sides of private conversations: a quiet poll has them on one page."""
        if at.phase is Phase.OWN:
            return self._own(at, since)
        got, headers = self._notified(at, since, direct=True)
        items = [_direct(status, status.author.remote_id) for status in got.found]
        token = _token(Phase.NOTIFICATIONS, older(headers))
        page = Page(items, got.rejected, token, failures.limits.allowance(headers))
        if token is None:
            own = self._own(Place(Phase.OWN), since)
            rejected = [*page.rejected, *own.rejected]
            page = replace(own, items=[*items, *own.items], rejected=rejected)
            since = mark(own.cursor)
        return replace(page, cursor=str(since.past(notifications=got.ids, own=[])))

    def _notified(
        self, at: Place, since: Mark, *, direct: bool
    ) -> tuple[Statuses, Mapping[str, str]]:
        start = str(max(0, since.notification - OVERLAP)) if since.notification else None
        return self._asking.notifications(before=at.before, since=start, direct=direct)

    def _own(self, at: Place, since: Mark) -> Page:
        begun = self._clock.now() - OWN_HISTORY
        start = moment_of(str(since.own)) - OWN_OVERLAP if since.own else begun
        got, headers = self._asking.own(before=at.before, since=id_at(start))
        items = [
            _direct(status, contact, outbound=True)
            for status in got.found
            if status.direct and (contact := status.addressee()) is not None
        ]
        return Page(
            items=items,
            rejected=got.rejected,
            next_page=_token(Phase.OWN, older(headers)),
            allowance=failures.limits.allowance(headers),
            cursor=str(since.past(notifications=[], own=got.ids)),
        )

    def _public(self, found: Sequence[Status]) -> list[Item]:
        return [
            _item(
                status,
                Stream.MENTIONS,
                contact=status.author.remote_id,
                thread=f"post:{self._roots.of(status.remote_id, status.in_reply_to)}:"
                f"{status.author.remote_id}",
            )
            for status in found
        ]


def connected(
    credentials: MastodonCredentials, base_url: str | None, timeout_seconds: float, clock: Clock
) -> MastodonChannel:
    """Return the channel of an account at an address; nothing is sent yet.

    Raises:
        ConfigError: the address is not one.
    """
    return MastodonChannel(credentials, MastodonSession(base_url, timeout_seconds), clock)


def _direct(status: Status, contact: str, *, outbound: bool = False) -> Item:
    return _item(status, Stream.DMS, contact=contact, thread=f"dm:{contact}", outbound=outbound)


def _item(
    status: Status, stream: Stream, *, contact: str, thread: str, outbound: bool = False
) -> Item:
    return Item(
        remote_id=status.remote_id,
        stream=stream,
        thread_key=thread,
        contact_id=contact,
        author=status.author,
        outbound=outbound,
        text=status.text,
        created_at=status.created_at,
        in_reply_to=status.in_reply_to,
        raw=status.raw,
    )


def _token(phase: Phase, before: str | None) -> str | None:
    return None if before is None else str(Place(phase, before))
