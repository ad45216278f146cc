"""The demonstration at the terminal: the services in the background, the desk in front."""

from collections.abc import Callable

from socialdesk.core.settings import Settings
from socialdesk.demo.setting import demo_officer, prepare
from socialdesk.demo.tree import LIVE, running
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer


def run_at_terminal(
    settings: Settings, say: Callable[[str], None], show: Callable[[Desk, Officer], None]
) -> None:
    """Run the demonstration until the officer quits, and leave nothing running.

    Args:
        say: called with each step of setting up.
        show: runs the terminal desk and returns when the officer quits.

    Raises:
        SocialdeskError: it could not be set up; worded for people.
    """
    say(f"Preparing the home {settings.folder.root}")
    setting = prepare(settings)
    officer = demo_officer(setting.desk)
    with running(setting, LIVE, say):
        show(setting.desk, officer)
