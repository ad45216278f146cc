"""Edits: a changed message is a further version of the one stored; nothing is overwritten.

Where an edit makes a new id (X), the new message names its earlier ones; where it keeps its id
(Mastodon), it carries the time of its edit. Either way the stored message is found again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, func, select

from socialdesk.channels.base import Item
from socialdesk.core.force import Account
from socialdesk.core.ids import new_id
from socialdesk.queue.capture import sealed_evidence, tool
from socialdesk.queue.desk import Desk
from socialdesk.queue.tombstones import tombstone
from socialdesk.store.tables import Media, Message, MessageVersion
from socialdesk.store.transaction import Transaction
from socialdesk.store.vault import ContactKey


@dataclass(frozen=True, slots=True)
class Edits:
    """What a page holds of messages stored before.

    Attributes:
        fresh: by place on the page, the stored message of which it is a later version.
        known: places whose version is stored already, or whose original was erased.
    """

    fresh: dict[int, Message]
    known: frozenset[int]


def edits_among(desk: Desk, session: Session, account: Account, items: Sequence[Item]) -> Edits:
    """Return which items are later versions of stored messages."""
    places = [n for n, item in enumerate(items) if item.revises or item.edited_at is not None]
    if not places:
        return Edits({}, frozenset())
    names = {name for n in places for name in (items[n].remote_id, *items[n].revises)}
    erased = {tombstone(desk, account.id, name): name for name in names}
    messages = {
        erased.get(row.remote_id, row.remote_id): row
        for row in session.exec(
            select(Message)
            .where(
                Message.account_id == account.id,
                col(Message.remote_id).in_([*names, *erased]),
            )
            .with_for_update()
        )
    }
    versions = session.exec(
        select(MessageVersion).where(
            MessageVersion.account_id == account.id,
            col(MessageVersion.message_id).in_([row.id for row in messages.values()])
            | col(MessageVersion.remote_id).in_([*names, *erased]),
        )
    ).all()
    return _sorted_out(items, places, messages, versions)


def store_version(
    desk: Desk,
    current: Transaction,
    account: Account,
    message: Message,
    item: Item,
    key: ContactKey,
) -> MessageVersion:
    """Keep a later version of a message; return it."""
    newest = current.session.exec(
        select(func.max(MessageVersion.number)).where(MessageVersion.message_id == message.id)
    ).one()
    row = MessageVersion(
        id=new_id(),
        message_id=message.id,
        conversation_id=message.conversation_id,
        account_id=account.id,
        remote_id=item.remote_id,
        number=(newest or 1) + 1,
        edited_at=item.edited_at or item.created_at,
        captured_at=current.now,
        tool=tool(account.channel),
        **sealed_evidence(item, key),
    )
    current.session.add(row)
    current.session.flush()
    return row


def next_media(session: Session, message_id: UUID) -> int:
    """Return the place of a message's next image or video."""
    last = session.exec(
        select(func.max(Media.position)).where(Media.message_id == message_id)
    ).one()
    return 0 if last is None else last + 1


def _sorted_out(
    items: Sequence[Item],
    places: Sequence[int],
    messages: dict[str, Message],
    versions: Sequence[MessageVersion],
) -> Edits:
    fresh: dict[int, Message] = {}
    known: set[int] = set()
    by_id = {row.id: row for row in messages.values()}
    by_version = {
        row.remote_id: by_id[row.message_id] for row in versions if row.message_id in by_id
    }
    ids = {row.remote_id for row in versions}
    for n in places:
        item = items[n]
        names = (item.remote_id, *item.revises)
        stored = next((messages[name] for name in names if name in messages), None)
        stored = stored or next((by_version[name] for name in names if name in by_version), None)
        if stored is None:
            continue
        if not stored.sealed_text or _is_known(item, stored, versions, ids):
            known.add(n)
        else:
            fresh[n] = stored
    return Edits(fresh, frozenset(known))


def _is_known(
    item: Item, stored: Message, versions: Sequence[MessageVersion], ids: set[str]
) -> bool:
    if item.edited_at is None or item.revises:
        return item.remote_id == stored.remote_id or item.remote_id in ids
    kept = [row.edited_at for row in versions if row.message_id == stored.id]
    if stored.edited_at is not None:
        kept.append(stored.edited_at)
    return any(edited >= item.edited_at for edited in kept)
