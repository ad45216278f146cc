"""The demonstration without a terminal: a scripted colleague works while the hour goes by."""

import time
from collections.abc import Callable
from dataclasses import replace

from socialdesk.core.settings import Settings
from socialdesk.demo.colleague import Colleague
from socialdesk.demo.setting import demo_officer, prepare
from socialdesk.demo.summary import Summary, read_network, stored_ids, summarise, unsettled
from socialdesk.demo.tree import Pace, running
from socialdesk.queue.people import sign_out

HOUR = 3600.0
BACKLOG = 1500.0
SHARE_OF_TIME = 0.6
SETTLE_SECONDS = 15.0
PAUSE_SECONDS = 0.1


def run_headless(settings: Settings, seconds: float, say: Callable[[str], None]) -> Summary:
    """Run the demonstration for `seconds` after its first reading, and return its figures.

    Args:
        say: called with each step of setting up, for people to read.

    Raises:
        SocialdeskError: it could not be set up; worded for people.
    """
    say(f"Preparing the home {settings.folder.root}")
    setting = prepare(settings)
    pace = Pace(BACKLOG, (HOUR - BACKLOG) / max(1.0, seconds * SHARE_OF_TIME))
    officer = demo_officer(setting.desk)
    with running(setting, pace, say):
        say(f"{officer.name} works the queue for {seconds:.0f} seconds")
        colleague = Colleague(setting.desk, officer)
        _work_until(colleague, time.monotonic() + seconds)
        say("Letting what is under way come to rest")
        network = read_network(setting)
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline and (
            not network.said <= stored_ids(setting) or unsettled(setting)
        ):
            time.sleep(PAUSE_SECONDS)
        replies = read_network(setting).replies
    sign_out(setting.desk, officer)
    say("Verifying the audit log")
    return summarise(setting, replace(network, replies=replies), colleague.handled)


def _work_until(colleague: Colleague, deadline: float) -> None:
    while time.monotonic() < deadline:
        if not colleague.work():
            time.sleep(PAUSE_SECONDS)
