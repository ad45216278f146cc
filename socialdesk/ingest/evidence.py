"""Keeping the log evident: signing it on schedule and when asked, having it witnessed, checking it.

The services and terminals ask for a checkpoint through the log itself (an escalation's entry does);
so only this service needs the log's keys, and it signs within a second.
"""

import structlog

from socialdesk.audit.fsck import check_log, keep_check
from socialdesk.audit.refusal import keep_refusal
from socialdesk.core.errors import AuditError, StoreError
from socialdesk.queue.desk import Desk
from socialdesk.store.tables import LogCheck

logger = structlog.get_logger()


def sign(desk: Desk) -> None:
    """Sign the log as it stands; why it was not signed is logged and kept for the health line."""
    try:
        problem = _sign(desk)
        keep_refusal(desk.log, desk.store, problem)
    except StoreError as error:
        logger.error("the log was not signed", problem=str(error))


def _sign(desk: Desk) -> str | None:
    try:
        desk.signer().sign(desk.store)
    except AuditError as error:
        logger.error("the log was not signed", problem=str(error))
        return error.what
    return None


def sign_if_wanted(desk: Desk) -> bool:
    """Sign if an entry asked for it since the last checkpoint; say whether one did."""
    try:
        with desk.store.reading() as session:
            head = desk.log.head(session.connection())
    except StoreError as error:
        logger.error("the log could not be read", problem=str(error))
        return False
    if head.wanted <= head.seen_size:
        return False
    sign(desk)
    return True


def have_witnessed(desk: Desk) -> None:
    """Ask the witnesses to cosign the newest checkpoint."""
    try:
        desk.cosigning().collect(desk.store)
    except (StoreError, AuditError) as error:
        logger.error("the log was not witnessed", problem=str(error))


def check(desk: Desk) -> None:
    """Check the whole log and keep the result."""
    try:
        found = _check(desk)
    except StoreError as error:
        logger.error("the log could not be checked", problem=str(error))
        return
    tell = logger.info if found.good else logger.error
    tell("the log was checked", good=found.good, size=found.size, problem=found.problem)


def _check(desk: Desk) -> LogCheck:
    try:
        outside = desk.outside()
    except AuditError as error:
        return keep_check(desk.log, desk.store, 0, [str(error)])
    return check_log(desk.log, desk.store, outside)
