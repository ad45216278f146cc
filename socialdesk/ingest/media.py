"""Fetching what messages carry, one at a time, outside intake and outside any transaction."""

import threading

import structlog

from socialdesk.channels.media import Limits, MediaFailed, MediaRefused, fetch, reach_of
from socialdesk.channels.registry import capabilities_of
from socialdesk.core.errors import AuditError, ConfigError, RuleError, StoreError
from socialdesk.queue.desk import Desk
from socialdesk.queue.media import Wanted, keep, not_fetched, wanted_now
from socialdesk.store.transaction import Actor

logger = structlog.get_logger()

AT_ONCE = 20
"""Fetched in one round; the next round comes soon after."""


def fetch_due(desk: Desk, actor: Actor, stop: threading.Event | None = None) -> int:
    """Fetch what is due, until done or `stop` is set; return how many images and videos came."""
    came = 0
    try:
        for wanted in wanted_now(desk, AT_ONCE):
            if stop is not None and stop.is_set():
                break
            came += _fetched(desk, actor, wanted)
    except (StoreError, AuditError) as error:
        logger.error("media could not be stored", problem=str(error))
    return came


def _fetched(desk: Desk, actor: Actor, wanted: Wanted) -> bool:
    limits = desk.force.media
    try:
        account = desk.force.account(wanted.account_id)
        reach = reach_of(capabilities_of(account.channel).media_hosts, account.base_url)
        bounds = Limits(limits.image_bytes, limits.video_bytes, limits.seconds)
        return keep(desk, actor, wanted.id, fetch(wanted.url, reach, bounds))
    except (MediaRefused, ConfigError, RuleError) as error:
        not_fetched(desk, wanted.id, str(error), for_good=True)
        logger.warning("media refused", media=str(wanted.id), problem=str(error))
    except MediaFailed as error:
        not_fetched(desk, wanted.id, str(error), for_good=False)
        logger.info("media not fetched yet", media=str(wanted.id), problem=str(error))
    return False
