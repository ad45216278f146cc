"""A simulated network, put together: state, journal, public, control and faults behind one port.

What a network's API looks like is its dialect's affair; all else is the same for every network.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Protocol, Self

from socialdesk.core.clock import Clock, SystemClock
from socialdesk.simulator.control import Control
from socialdesk.simulator.damage import Damage
from socialdesk.simulator.exchange import Answer, Request
from socialdesk.simulator.faults import FaultBook, FaultKind
from socialdesk.simulator.journal import Journal
from socialdesk.simulator.limits import GENEROUS
from socialdesk.simulator.names import Names
from socialdesk.simulator.network import Network, User
from socialdesk.simulator.public import Public
from socialdesk.simulator.scenario import Account, Scenario
from socialdesk.simulator.snowflake import Mint
from socialdesk.simulator.wire import Outcome, Wire

NORTHSHIRE = Account(handle="NorthshirePolice", name="Northshire Police")


class Dialect(Protocol):
    """How one network speaks HTTP."""

    @property
    def damage(self) -> Damage:
        """What faults do to its answers."""
        ...

    @property
    def names(self) -> Names:
        """What things are called on it."""
        ...

    def answer(self, request: Request) -> Answer:
        """Return the network's answer; every refusal is an answer too."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What a dialect speaks about."""

    network: Network
    account: User
    clock: Clock
    limits: Mapping[str, int]


class Simulator(ABC):
    """A simulated network in this process's threads: `with XSimulator() as sim: sim.base_url`.


    Args:
        port: 0 takes a free one.
        scenario: the public's traffic; without one only `/_sim/say` speaks.
        faults: rules in force from the start; `faults.replace` changes them.
        journal: where the network is kept; without it a restart begins empty.
        speed: scenario seconds in one real second.
        offset_seconds: how much of the scenario is on the network already.
        limits: requests in a window by endpoint: `limits.GENEROUS` or the network's `REAL_LIKE`.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        scenario: Scenario | None = None,
        faults: FaultBook | None = None,
        journal: Path | None = None,
        speed: float = 1.0,
        offset_seconds: float = 0.0,
        limits: Mapping[str, int] = GENEROUS,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock = clock or SystemClock()
        self._journal = Journal(journal)
        self.faults = faults or FaultBook()
        self.network = Network(clock, self._journal.append, self._mint())
        self.network.restore(self._journal.open())
        account = scenario.account if scenario else NORTHSHIRE
        self.account = self.network.join(account.handle, account.name)
        self.secrets = self.secrets_of(account.handle)
        self._dialect = self._spoken(Setting(self.network, self.account, clock, limits))
        self.control = Control(self.network, self.account, self._dialect.names, self.faults)
        self.public: Public | None = None
        if scenario:
            self.public = Public(
                scenario, self.network, clock, speed=speed, offset_seconds=offset_seconds
            )
            self.public.step()
        self._wire = Wire(port, self._decide)
        self._stop = Event()
        self._threads: list[Thread] = []

    def _mint(self) -> Mint:
        """Return what gives out this network's ids."""
        return Mint()

    @staticmethod
    @abstractmethod
    def secrets_of(handle: str) -> Mapping[str, str]:
        """Return what the secrets file of the account `handle` must hold to be let in.

        Invented; it opens nothing anywhere else.
        """

    @abstractmethod
    def _spoken(self, setting: Setting) -> Dialect:
        """Return this network's dialect."""

    @property
    def base_url(self) -> str:
        """Where the simulator listens, without a trailing slash."""
        return f"http://127.0.0.1:{self._wire.port}"

    def start(self) -> None:
        """Begin to serve and let the public speak."""
        self._threads = [Thread(target=self._wire.serve_forever, args=(0.02,), daemon=True)]
        if self.public:
            self._threads.append(Thread(target=self.public.run, args=(self._stop,), daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Cut every connection and keep the journal whole."""
        self._stop.set()
        self._wire.stop()
        for thread in self._threads:
            thread.join()
        self._journal.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _decide(self, request: Request) -> Outcome:
        if request.path.startswith("/_sim/"):
            return self.control.answer(request), None
        rule = self.faults.choose(request.method, request.path)
        if rule is None:
            return self._dialect.answer(request), None
        if rule.kind is FaultKind.HANG:
            return None, rule
        refused = self._dialect.damage.refusal(rule, self._clock.now())
        if refused is not None:
            return refused, rule
        answer = self._dialect.answer(request)
        if rule.kind is FaultKind.ACCEPT_THEN_DROP:
            return None, rule
        return self._dialect.damage.damaged(rule, answer), rule
