"""Rotating the master key: every contact's key is wrapped anew, no sealed text is touched.

    1. a fresh key is kept beside the one in force                       (durable)
    2. one transaction wraps all keys by it, names it, and is recorded   (all or nothing)
    3. the fresh key takes the old one's place                           (one durable step)

Cut off before 2 commits, the old key is in force; after it, the fresh one, which is still at hand.
"""

from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from socialdesk.core.errors import VaultError
from socialdesk.store.master import MasterKey
from socialdesk.store.tables import VaultKey, VaultRoot
from socialdesk.store.transaction import Actor, Store
from socialdesk.store.vault import INDEX, Vault

BATCH = 2000


def rotate_master(store: Store, vault: Vault, actor: Actor, by: str, reason: str) -> int:
    """Put a fresh master key in force and return how many contact keys it wraps.

    Args:
        actor: the service that signs the entry.
        by: the person who ordered it, as entries name people.

    Raises:
        HomeError: another rotation is running.
        VaultError: no fresh key could be made, or an old one is not at hand.
    """
    with vault.source.alone():
        with store.reading() as session:
            before = session.get_one(VaultRoot, vault.force_id)
        for key in vault.source.found():
            if key.id == before.master_id:
                vault.source.settle(key)
        fresh = vault.source.stage()
        if fresh.id == before.master_id:
            raise VaultError(
                "The master key that is to follow is the one in force already.",
                todo="Set a new one: 32 random bytes in base64.",
            )
        with store.transaction(actor, reason) as current:
            count = _rewrap(current.session, vault, fresh)
            root = current.session.get_one(VaultRoot, vault.force_id, with_for_update=True)
            root.wrapped_index = vault.rewrapped(root.wrapped_index, INDEX, fresh)
            root.master_id, root.changed_at = fresh.id, current.now
            current.session.add(root)
            current.record(
                "key_change",
                f"vault:{vault.force_id}",
                details={
                    "state": "rewrapped",
                    "by": by,
                    "from": before.master_id.hex(),
                    "to": fresh.id.hex(),
                    "keys": count,
                },
            )
        vault.source.settle(fresh)
    return count


def _rewrap(session: Session, vault: Vault, fresh: MasterKey) -> int:
    session.exec(
        select(VaultRoot).where(VaultRoot.force_id == vault.force_id).with_for_update()
    ).one()
    change = (
        update(VaultKey)
        .where(col(VaultKey.id) == bindparam("key"))
        .values(wrapped=bindparam("fresh"))
        .execution_options(synchronize_session=False)
    )
    count, last = 0, UUID(int=0)
    while True:
        rows = session.exec(
            select(VaultKey.id, VaultKey.wrapped)
            .where(
                VaultKey.force_id == vault.force_id,
                col(VaultKey.wrapped).is_not(None),
                col(VaultKey.id) > last,
            )
            .order_by(col(VaultKey.id))
            .limit(BATCH)
        ).all()
        if not rows:
            return count
        session.connection().execute(
            change,
            [
                {"key": key_id, "fresh": vault.rewrapped(wrapped or b"", key_id.bytes, fresh)}
                for key_id, wrapped in rows
            ],
        )
        count, last = count + len(rows), rows[-1][0]
