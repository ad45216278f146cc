"""Random histories of a stream: what people say, what the network and the process suffer, polls.

A history is a list of steps drawn by Hypothesis and played against any network. Faults are the
simulator's own rules. A kill is an exception that nothing catches, raised out of a walk before a
page is assessed, before it is stored, or right after its transaction committed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from unittest.mock import patch

from hypothesis import strategies as st
from sqlmodel import col, select

from socialdesk.core.clock import SetClock
from socialdesk.core.force import Account
from socialdesk.ingest import walk
from socialdesk.ingest.poller import Poller
from socialdesk.queue.coverage import open_gaps
from socialdesk.queue.desk import Desk
from socialdesk.store.tables import Message, StreamState
from tests.desks import KeywordAssessor

STREAMS = ("mentions", "dms")
Step = tuple[str, Any]

_READ_FAULTS = (
    {"kind": "server_error", "status": 500},
    {"kind": "server_error", "status": 503},
    {"kind": "rate_limited"},
    {"kind": "rate_limited", "reset": False},
    {"kind": "unauthorised"},
    {"kind": "out_of_order"},
    {"kind": "repeated"},
)
_says = st.tuples(st.just("say"), st.tuples(st.sampled_from(STREAMS), st.integers(1, 25)))
_faults = st.tuples(
    st.just("fault"),
    st.builds(
        lambda kind, path, nth: {**kind, "path": path, "nth": nth},
        st.sampled_from(_READ_FAULTS),
        st.sampled_from(("mentions", "dm", "")),
        st.integers(1, 6),
    ),
)
_kills = st.tuples(
    st.just("kill"),
    st.tuples(
        st.sampled_from(("before judging", "before storing", "after storing")), st.integers(1, 6)
    ),
)
_polls = st.tuples(st.just("poll"), st.none())
_others = st.tuples(st.sampled_from(("restart", "expire")), st.none())
histories = st.lists(st.one_of(_says, _says, _polls, _polls, _faults, _kills, _others), max_size=14)


class Killed(BaseException):
    """The process was killed here."""


class World(Protocol):
    """A network that a history can be played against."""

    def say(self, stream: str) -> None:
        """Let a member of the public write to the account."""

    def held(self, stream: str) -> set[str]:
        """Return the ids of what the network holds."""

    def suffer(self, rules: list[dict[str, object]]) -> None:
        """Put fault rules in force."""

    def expire(self) -> None:
        """Let every page token given out so far lead nowhere."""

    def poller(self) -> Poller:
        """Return a poller as a new process would make it."""


@dataclass
class Played:
    """A history under way."""

    world: World
    desk: Desk
    clock: SetClock
    account: Account
    kills: int = 0
    polls: int = 0
    poller: Poller = field(init=False)

    def __post_init__(self) -> None:
        self.poller = self.world.poller()

    def play(self, steps: list[Step]) -> None:
        """Play every step, then let all be well until nothing is left to read."""
        for name, value in steps:
            self._step(name, value)
            self.require_ledger_holds()
        self.world.suffer([])
        for _ in range(60):
            self._poll()
            if not any(open_gaps(self.desk, self.account, stream) for stream in STREAMS):
                break
        self._poll()
        self.require_ledger_holds()
        for stream in STREAMS:
            assert set(self.stored(stream)) == self.world.held(stream)
            assert open_gaps(self.desk, self.account, stream) == []

    def stored(self, stream: str) -> list[str]:
        """Return the ids of the stream's messages on the desk."""
        with self.desk.store.reading() as session:
            return list(
                session.exec(
                    select(Message.remote_id).where(
                        Message.account_id == self.account.id, col(Message.stream) == stream
                    )
                )
            )

    def require_ledger_holds(self) -> None:
        """Hold the ledger to its word: below the cursor all is stored, or lies in a gap."""
        for stream in STREAMS:
            stored = self.stored(stream)
            assert len(stored) == len(set(stored))
            with self.desk.store.reading() as session:
                state = session.get(StreamState, (self.account.id, stream))
            cursor = int(state.cursor) if state and state.cursor else -1
            gaps = [
                (int(found.gap.bottom or -1), int(found.gap.top))
                for found in open_gaps(self.desk, self.account, stream)
            ]
            for remote_id in self.world.held(stream) - set(stored):
                number = int(remote_id)
                assert number > cursor or any(low < number < high for low, high in gaps)

    def _step(self, name: str, value: Any) -> None:
        if name == "say":
            for _ in range(value[1]):
                self.world.say(value[0])
        elif name == "fault":
            self.world.suffer([value])
        elif name == "kill":
            with killing(*value):
                self._poll()
        elif name == "expire":
            self.world.expire()
        elif name == "restart":
            self.poller = self.world.poller()
        else:
            self._poll()

    def _poll(self) -> None:
        self.clock.advance(3600)
        self.polls += 1
        try:
            self.poller.turn()
        except Killed:
            self.kills += 1
            self.poller = self.world.poller()


@contextmanager
def killing(moment: str, nth: int) -> Iterator[None]:
    """Kill the walk at a moment of its `nth` page."""
    left = [nth]

    def dies(act: Callable[..., Any], *, first: bool) -> Callable[..., Any]:
        def dying(*arguments: Any, **more: Any) -> Any:
            left[0] -= 1
            if first and not left[0]:
                raise Killed
            answer = act(*arguments, **more)
            if not left[0]:
                raise Killed
            return answer

        return dying

    where = {
        "before judging": ("judge", True),
        "before storing": ("take_in", True),
        "after storing": ("take_in", False),
    }
    name, first = where[moment]
    with patch.object(walk, name, dies(getattr(walk, name), first=first)):
        yield


def keyword_poller(desk: Desk, account: Account, channel: Any) -> Poller:
    """Return a poller that needs no trained model."""
    return Poller(desk, desk.service("ingest"), account, KeywordAssessor(), channel)
