"""Quarantine: items a channel could not understand, kept whole and sealed, each under its own key.

Nobody can say whose they are, so no contact's erasure reaches them: they are erased by themselves.
The keyed fingerprint stays, so that reading the network again does not bring the item back.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from socialdesk.audit.entry import Action
from socialdesk.core.errors import RuleError
from socialdesk.core.text import SafeText, visible
from socialdesk.queue.authority import DECIDERS, checked_reference, require_role
from socialdesk.queue.desk import Desk
from socialdesk.queue.erasure import Warrant, mark_scrubbed
from socialdesk.queue.people import Officer
from socialdesk.store.scrub import scrub
from socialdesk.store.tables import Quarantined, VaultKey

TRACE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Unread:
    """An item in quarantine; `size` is that of its sealed payload, in bytes."""

    id: UUID
    account: str
    stream: str
    found_at: datetime
    size: int
    reason: SafeText


def in_quarantine(desk: Desk) -> list[Unread]:
    """Return what is in quarantine and not erased, oldest first; no payload is opened."""
    with desk.store.reading() as session:
        rows = session.exec(
            select(Quarantined)
            .join(VaultKey, col(VaultKey.id) == Quarantined.key_id)
            .where(Quarantined.force_id == desk.force.id, col(VaultKey.wrapped).is_not(None))
            .order_by(col(Quarantined.found_at), col(Quarantined.id))
        ).all()
    return [
        Unread(
            row.id, row.account_id, row.stream, row.found_at, len(row.sealed_raw),
            visible(row.reason),
        )
        for row in rows
    ]  # fmt: skip


def erase_quarantined(desk: Desk, officer: Officer, item: UUID, warrant: Warrant) -> bool:
    """Erase an item in quarantine; return whether the database's files hold no trace any more.

    Raises:
        NotAllowed: the officer is neither supervisor nor administrator.
        RuleError: no such item, it was erased before, or the authority is no reference.
    """
    require_role(officer, DECIDERS, "erase an item in quarantine")
    authority = checked_reference(warrant.authority)
    with desk.store.transaction(officer.actor, warrant.reason) as current:
        session = current.session
        row = session.exec(
            select(Quarantined)
            .where(Quarantined.id == item, Quarantined.force_id == desk.force.id)
            .with_for_update()
        ).first()
        key = None if row is None else session.get_one(VaultKey, row.key_id)
        if row is None or key is None or key.wrapped is None:
            raise RuleError(
                f"There is no item {item} in quarantine.", todo="See: socialdesk quarantine list"
            )
        traces = [key.wrapped, row.sealed_raw[:TRACE_BYTES]]
        row.sealed_raw, row.reason = b"", "erased by authority"
        session.add(row)
        desk.vault.destroy_key(session, row.key_id, current.now)
        current.record(
            Action.ERASURE,
            f"quarantined:{item}",
            details={"authority": authority, "key": str(row.key_id)},
        )
    scrubbed = scrub(desk.store.engine, traces)
    if scrubbed:
        mark_scrubbed(desk, [key.id])
    return scrubbed
