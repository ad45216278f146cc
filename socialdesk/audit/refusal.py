"""A checkpoint that could not be signed: kept where every terminal sees it, until one is signed."""

from socialdesk.audit.log import AuditLog
from socialdesk.store.tables import LogRefusal
from socialdesk.store.transaction import Store


def keep_refusal(log: AuditLog, store: Store, problem: str | None) -> None:
    """Keep why the log was not signed; None takes it back, for now it was."""
    with store.reading() as session:
        known = session.get(LogRefusal, log.force_id)
    if (None if known is None else known.problem) == problem:
        return
    with store.bookkeeping() as session:
        row = session.get(LogRefusal, log.force_id)
        if problem is not None:
            made_at = store.clock.now()
            session.merge(LogRefusal(force_id=log.force_id, made_at=made_at, problem=problem))
        elif row is not None:
            session.delete(row)
