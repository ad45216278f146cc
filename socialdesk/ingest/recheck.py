"""Looking again at captured messages: what was edited or taken back since."""

import structlog

from socialdesk.channels.base import Rechecks
from socialdesk.channels.registry import capabilities_of
from socialdesk.classify.assessment import Assessor
from socialdesk.core.errors import AuditError, ChannelError, ConfigError, StoreError
from socialdesk.core.force import Account
from socialdesk.ingest.demand import budget_left, spend
from socialdesk.queue.accounts import open_account
from socialdesk.queue.desk import Desk
from socialdesk.queue.intake import judge, take_edits
from socialdesk.queue.withdrawn import due_for_recheck, note_rechecked
from socialdesk.store.transaction import Actor

logger = structlog.get_logger()


def recheck_all(desk: Desk, actor: Actor, assessor: Assessor) -> None:
    """Look again at what is due on every account; a failure is told and tried again later."""
    for account in desk.force.accounts:
        try:
            changed = recheck(desk, actor, account, assessor)
        except (ChannelError, ConfigError, StoreError, AuditError) as error:
            logger.warning("could not look again", account=account.id, problem=str(error))
        else:
            if changed:
                logger.info("messages changed", account=account.id, changed=changed)


def recheck(desk: Desk, actor: Actor, account: Account, assessor: Assessor) -> int:
    """Look one request's worth of due messages up again; return how many had changed.

    Raises:
        ChannelError: the network failed; all stays due.
    """
    most = capabilities_of(account.channel).rechecks
    due = due_for_recheck(desk, account, most) if most else []
    if not due or _is_spent(desk, account):
        return 0
    channel = open_account(desk, account)
    if not isinstance(channel, Rechecks):
        return 0
    found = channel.recheck([one.remote_id for one in due])
    with desk.store.bookkeeping() as session:
        spend(session, account, len(found.items), desk.clock.now())
    edited = take_edits(desk, actor, account, judge(found.items, assessor))
    return edited + note_rechecked(desk, actor, account, due, found)


def _is_spent(desk: Desk, account: Account) -> bool:
    """Say whether the month's reading budget is spent: what is new comes before looking again."""
    if account.monthly_reads is None:
        return False
    with desk.store.reading() as session:
        return not budget_left(session, account, desk.clock.now())
