"""The real terminal, for a test that gives it a pseudo-terminal: `desk_in_pty.py HOME`."""

import sys
from pathlib import Path

from socialdesk.queue.people import sign_in
from socialdesk.tui.app import run_desk
from tests.desks import PASSPHRASE, make_desk

if __name__ == "__main__":
    desk = make_desk(Path(sys.argv[1]))
    run_desk(desk, sign_in(desk, "pat", PASSPHRASE))
