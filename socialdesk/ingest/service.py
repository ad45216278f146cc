"""The ingest service: one poller an account on APScheduler, and signed checkpoints on schedule."""

import threading
from datetime import datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from socialdesk.classify.assessment import Assessor
from socialdesk.core.errors import AuditError, StoreError
from socialdesk.ingest.evidence import check, have_witnessed, sign, sign_if_wanted
from socialdesk.ingest.media import fetch_due
from socialdesk.ingest.poller import Poller
from socialdesk.ingest.recheck import recheck_all
from socialdesk.queue.desk import Desk

logger = structlog.get_logger()

CHECKPOINT_SECONDS = 30.0
WANTED_SECONDS = 0.5
WITNESS_SECONDS = 60.0
STORE_RETRY_SECONDS = 2.0
MEDIA_SECONDS = 2.0
RECHECK_SECONDS = 60.0


def run_ingest(desk: Desk, assessor: Assessor, stop: threading.Event) -> None:
    """Poll every account until `stop` is set, then sign the log once more."""
    accounts = desk.force.accounts
    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={
            "default": ThreadPoolExecutor(len(accounts) + 1),
            "witnesses": ThreadPoolExecutor(1),
            "media": ThreadPoolExecutor(1),
            "recheck": ThreadPoolExecutor(1),
            "check": ThreadPoolExecutor(1),
        },
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    actor = desk.service("ingest")
    for account in accounts:
        _schedule(scheduler, Poller(desk, actor, account, assessor), desk.clock.now())
    scheduler.add_job(
        fetch_due,
        "interval",
        [desk, actor, stop],
        seconds=MEDIA_SECONDS,
        executor="media",
    )
    scheduler.add_job(
        recheck_all,
        "interval",
        [desk, actor, assessor],
        seconds=RECHECK_SECONDS,
        executor="recheck",
    )
    _keep_log_evident(scheduler, desk)
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
