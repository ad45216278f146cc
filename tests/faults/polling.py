"""A poller in a process of its own, for tests that kill it: `python -m tests.faults.polling`.

Reads every stream of the desk in HOME once. At the `nth` occurrence of a moment it sends itself
SIGKILL: nothing is flushed, closed or rolled back by anyone but the kernel.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, cast

from sqlalchemy import event

from socialdesk.channels.x import client
from socialdesk.core.settings import Settings
from socialdesk.ingest import walk
from socialdesk.queue import intake
from socialdesk.queue.accounts import open_account
from socialdesk.queue.desk import Desk, open_desk
from socialdesk.store.tables import StreamState
from tests.faults.histories import keyword_poller

MOMENTS = (
    "asking the network",
    "judging",
    "storing",
    "appending to the log",
    "committing",
    "committed",
)
PAGE_SIZE, HEAD_PAGES = 5, 3


def main(home: Path, moment: str, nth: int) -> None:
    """Poll once; die at the `nth` occurrence of `moment`, if it comes to that."""
    walk.HEAD_PAGES = HEAD_PAGES
    for parameters in (client._POST_PARAMETERS, client._EVENT_PARAMETERS):
        cast("dict[str, Any]", parameters)["max_results"] = PAGE_SIZE
    desk = open_desk(Settings(home=home, config=home / "config"))
    account = desk.force.accounts[0]
    channel = open_account(desk, account)
    _arm(desk, channel, moment, _Countdown(nth))
    with desk.store.bookkeeping() as session:
        for stream in account.streams:
            state = session.get(StreamState, (account.id, stream))
            if state is not None:
                state.next_attempt_at, state.failures = None, 0
    keyword_poller(desk, account, channel).poll()


class _Countdown:
    """Kills this process when it has been called so many times."""

    def __init__(self, left: int) -> None:
        self._left = left

    def __call__(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            _die()


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def _arm(desk: Desk, channel: Any, moment: str, countdown: _Countdown) -> None:
    """Have `countdown` called at each occurrence of `moment`."""
    armed: dict[str, tuple[Any, str, Callable[..., Any]]] = {
        "asking the network": (channel, "read", _before),
        "judging": (walk, "judge", _before),
        "storing": (intake, "_store", _before),
        "committed": (walk, "take_in", _after),
    }
    if moment in armed:
        where, name, way = armed[moment]
        setattr(where, name, way(getattr(where, name), countdown))
    elif moment == "committing":
        event.listen(desk.store.engine, "commit", countdown)
    else:
        event.listen(desk.store.engine, "before_cursor_execute", _seeing("log_head", countdown))


def _before(act: Callable[..., Any], countdown: _Countdown) -> Callable[..., Any]:
    def armed(*arguments: Any, **more: Any) -> Any:
        countdown()
        return act(*arguments, **more)

    return armed


def _after(act: Callable[..., Any], countdown: _Countdown) -> Callable[..., Any]:
    def armed(*arguments: Any, **more: Any) -> Any:
        answer = act(*arguments, **more)
        countdown()
        return answer

    return armed


def _seeing(table: str, countdown: _Countdown) -> Callable[..., None]:
    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(f"UPDATE {table}"):
            countdown()

    return look


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
