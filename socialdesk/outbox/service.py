"""The outbox service: one sender an account, each in a thread of its own."""

import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

import structlog

from socialdesk.core.errors import AuditError, StoreError
from socialdesk.outbox.sender import Sender
from socialdesk.queue.desk import Desk

logger = structlog.get_logger()

IDLE_SECONDS = 0.25
STORE_RETRY_SECONDS = 2.0


def run_outbox(desk: Desk, stop: threading.Event) -> None:
    """Send what is queued, until `stop` is set; a request under way is finished first.

    Raises:
        Exception: whatever a sender could not handle, after all others have stopped.
    """
    actor = desk.service("outbox")
    accounts = desk.force.accounts
    logger.info("outbox started", accounts=[account.id for account in accounts])
    with ThreadPoolExecutor(len(accounts)) as pool:
        running = [pool.submit(_run, Sender(desk, actor, account), stop) for account in accounts]
        wait(running, return_when=FIRST_EXCEPTION)
        stop.set()
    for sender in running:
        sender.result()
    logger.info("outbox stopped")


def _run(sender: Sender, stop: threading.Event) -> None:
    begun = False
    while not stop.is_set():
        try:
            if not begun:
                sender.begin()
                begun = True
            worked = sender.step()
        except (StoreError, AuditError) as error:
            logger.error("outbox halted", account=sender.account.id, problem=str(error))
            stop.wait(STORE_RETRY_SECONDS)
            continue
        if not worked:
            stop.wait(IDLE_SECONDS)
