"""Quarantine: items that a channel could not understand, kept whole until someone sees to them.

Each is sealed under a key of its own, for nobody knows yet whose words it holds. It can be read as
it came, and read again by the channel (after an upgrade, say): once understood it is taken in like
any message, and leaves the quarantine in the same transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlmodel import col, select

from socialdesk.audit.entry import Action
from socialdesk.channels.base import Rejected
from socialdesk.core.errors import RuleError
from socialdesk.core.force import Account
from socialdesk.core.ids import new_id
from socialdesk.core.text import SafeText, decoded, visible
from socialdesk.queue.desk import Desk
from socialdesk.store.tables import Quarantined
from socialdesk.store.transaction import Actor, Transaction
from socialdesk.store.vault import Sealed


@dataclass(frozen=True, slots=True)
class Kept:
    """An item in quarantine, without what it says."""

    id: UUID
    account_id: str
    stream: str
    reason: SafeText
    found_at: datetime


def kept_items(desk: Desk) -> list[Kept]:
    """Return what is in quarantine, oldest first."""
    with desk.store.reading() as session:
        rows = session.exec(
            select(Quarantined)
            .where(Quarantined.force_id == desk.force.id)
            .order_by(col(Quarantined.found_at), col(Quarantined.id))
        ).all()
    return [
        Kept(row.id, row.account_id, row.stream, visible(row.reason), row.found_at) for row in rows
    ]


def raw_of(desk: Desk, actor: Actor, item_id: UUID) -> bytes:
    """Return an item's bytes as they came; recorded, as for any reader.

    Raises:
        RuleError: there is no such item.
    """
    with desk.store.transaction(actor, "an item in quarantine") as current:
        row = _row(desk, current, item_id)
        sealed = [Sealed(row.key_id, row.sealed_raw)]
        (plain,) = desk.vault.opened(current, sealed, [f"quarantined:{item_id}"])
        return plain or b""


def shown(raw: bytes) -> SafeText:
    """Return an item's bytes as text that is safe on any screen."""
    return visible(decoded(raw), multiline=True)


def put_aside(
    desk: Desk, current: Transaction, account: Account, stream: str, item: Rejected
) -> None:
    """Keep an item that was not understood, once however often it is read."""
    fingerprint = desk.vault.lookup(f"quarantine:{account.id}", sha256(item.raw).hexdigest())
    known = select(Quarantined.id).where(Quarantined.fingerprint == fingerprint)
    if current.session.exec(known).first():
        return
    key = desk.vault.create_key(current.session, desk.force.id, current.now)
    row = Quarantined(
        id=new_id(),
        force_id=desk.force.id,
        account_id=account.id,
        stream=stream,
        fingerprint=fingerprint,
        key_id=key.id,
        sealed_raw=key.seal(item.raw),
        reason=item.reason[:500],
        found_at=current.now,
    )
    current.session.add(row)
    current.record(
        Action.COLLECTION,
        f"quarantined:{row.id}",
        details={"account": account.id, "stream": stream},
    )


def still_unread(desk: Desk, actor: Actor, item_id: UUID, reason: str) -> None:
    """Note why the channel could still not understand an item."""
    with desk.store.transaction(actor, "read again, and still not understood") as current:
        row = _row(desk, current, item_id)
        row.reason = reason[:500]
        current.session.add(row)
        current.record(Action.ALTERATION, f"quarantined:{item_id}", details={"understood": False})


def release(desk: Desk, current: Transaction, item_id: UUID) -> None:
    """Let an item go that was understood: what it says is stored as a message now."""
    row = _row(desk, current, item_id)
    current.session.delete(row)
    current.session.flush()
    desk.vault.destroy_key(current.session, row.key_id, current.now)
    current.record(Action.ALTERATION, f"quarantined:{item_id}", details={"understood": True})


def _row(desk: Desk, current: Transaction, item_id: UUID) -> Quarantined:
    row = current.session.get(Quarantined, item_id, with_for_update=True)
    if row is None or row.force_id != desk.force.id:
        raise RuleError(
            f"There is no item {item_id} in quarantine.",
            todo="See what there is: socialdesk quarantine list",
        )
    return row
