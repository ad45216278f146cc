"""The ingest service: one poller an account on APScheduler, and signed checkpoints on schedule."""

import threading
from datetime import datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from socialdesk.classify.assessment import Assessor
from socialdesk.core.errors import AuditError, StoreError
from socialdesk.ingest.evidence import check, have_witnessed, sign, sign_if_wanted
from socialdesk.ingest.poller import Poller
from socialdesk.ingest.rereader import Rereader
from socialdesk.queue.desk import Desk

logger = structlog.get_logger()

CHECKPOINT_SECONDS = 30.0
WANTED_SECONDS = 0.5
WITNESS_SECONDS = 60.0
STORE_RETRY_SECONDS = 2.0


def run_ingest(
    desk: Desk, assessor: Assessor, stop: threading.Event, again: Rereader | None = None
) -> None:
    """Poll every account until `stop` is set, then sign the log once more.

    Args:
        assessor: reads every message within intake.
        again: has every message read again within seconds, where there is a deep tier.
    """
    accounts = desk.force.accounts
    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={
            "default": ThreadPoolExecutor(len(accounts) + 1),
            "witnesses": ThreadPoolExecutor(1),
            "check": ThreadPoolExecutor(1),
            "second": ThreadPoolExecutor(1),
        },
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    actor = desk.service("ingest")
    for account in accounts:
        _schedule(scheduler, Poller(desk, actor, account, assessor), desk.clock.now())
    _keep_log_evident(scheduler, desk)
    if again is not None:
        scheduler.add_job(
            _read_again, "interval", [again, stop], seconds=WANTED_SECONDS, executor="second"
        )
    scheduler.start()
    logger.info("ingest started", accounts=[account.id for account in accounts])
    while not stop.wait(WANTED_SECONDS):
        if sign_if_wanted(desk):
            scheduler.modify_job("witnesses", next_run_time=desk.clock.now())
    scheduler.shutdown(wait=True)
    sign(desk)
    logger.info("ingest stopped")


def _keep_log_evident(scheduler: BackgroundScheduler, desk: Desk) -> None:
    scheduler.add_job(sign, "interval", [desk], seconds=CHECKPOINT_SECONDS)
    scheduler.add_job(
        have_witnessed,
        "interval",
        [desk],
        seconds=WITNESS_SECONDS,
        id="witnesses",
        executor="witnesses",
    )
    hour, minute = desk.force.fsck_at.split(":")
    scheduler.add_job(check, "cron", [desk], hour=hour, minute=minute, executor="check")


def _read_again(again: Rereader, stop: threading.Event) -> None:
    """Read again until nothing waits; a fault of ours must not end the reading."""
    try:
        while again.step() and not stop.is_set():
            pass
    except (StoreError, AuditError) as error:
        logger.error("reading again could not be stored", problem=str(error))


def _schedule(scheduler: BackgroundScheduler, poller: Poller, at: datetime) -> None:
    scheduler.add_job(
        _poll,
        "date",
        [scheduler, poller],
        run_date=at,
        id=poller.account.id,
        replace_existing=True,
    )


def _poll(scheduler: BackgroundScheduler, poller: Poller) -> None:
    """Poll once and come back when the poller says; a fault of ours must not end the polling."""
    again = poller.desk.clock.now() + timedelta(seconds=STORE_RETRY_SECONDS)
    try:
        again = poller.turn()
    except (StoreError, AuditError) as error:
        logger.error("poll could not be stored", account=poller.account.id, problem=str(error))
    finally:
        if scheduler.running:
            _schedule(scheduler, poller, again)
