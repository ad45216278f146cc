"""One walk: from the newest message back to the cursor, page by page.

Pages are stored as they come, so that danger is on the desk before the walk ends. The cursor moves
only with the last page: a walk that dies in the middle is walked again from the top, and what was
stored already is recognised and adds nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select

from socialdesk.channels.base import Channel, Stream
from socialdesk.classify.assessment import Assessor
from socialdesk.core.force import Account
from socialdesk.queue.desk import Desk
from socialdesk.queue.intake import CursorMove, judge, take_in
from socialdesk.store.tables import StreamState
from socialdesk.store.transaction import Actor


@dataclass(frozen=True, slots=True)
class Walk:
    """What a completed walk brought."""

    pages: int
    stored: int
    started_at: datetime


def walk(
    desk: Desk,
    actor: Actor,
    account: Account,
    stream: Stream,
    channel: Channel,
    assessor: Assessor,
) -> Walk:
    """Read a stream from its newest message back to the cursor, and move the cursor.

    Raises:
        ChannelError: the network failed on some page; the cursor has not moved.
        StoreError: the database failed; the cursor has not moved.
    """
    started = desk.clock.now()
    cursor = newest = _cursor(desk, account, stream)
    pages = stored = 0
    token: str | None = None
    while True:
        page = channel.read(stream, since=cursor, page=token)
        pages += 1
        for item in page.items:
            newest = item.remote_id if newest is None else channel.newest(newest, item.remote_id)
        token = page.next_page
        stored += take_in(
            desk,
            actor,
            account,
            stream.value,
            judge(page.items, assessor),
            page.rejected,
            CursorMove(newest, started) if token is None else None,
        )
        if token is None:
            return Walk(pages, stored, started)


def _cursor(desk: Desk, account: Account, stream: Stream) -> str | None:
    with desk.store.reading() as session:
        return session.exec(
            select(StreamState.cursor).where(
                StreamState.account_id == account.id, StreamState.stream == stream.value
            )
        ).first()
