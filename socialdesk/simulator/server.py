"""The simulated X, put together: network, journal, public, endpoints and faults behind one port."""

from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Self

from socialdesk.core.clock import Clock, SystemClock
from socialdesk.core.errors import ConfigError
from socialdesk.simulator.exchange import Request
from socialdesk.simulator.faults import FaultBook, FaultKind, load_faults
from socialdesk.simulator.journal import Journal
from socialdesk.simulator.network import Network
from socialdesk.simulator.public import Public
from socialdesk.simulator.scenario import Account, Scenario, load_scenario
from socialdesk.simulator.wire import Outcome, Wire
from socialdesk.simulator.x.auth import DemoCredentials, demo_credentials
from socialdesk.simulator.x.control import Control
from socialdesk.simulator.x.damage import damaged, refusal
from socialdesk.simulator.x.limits import GENEROUS, WINDOW_SECONDS, Limits
from socialdesk.simulator.x.reading import Reading
from socialdesk.simulator.x.routes import Routes
from socialdesk.simulator.x.writing import Writing

NORTHSHIRE = Account(handle="NorthshirePolice", name="Northshire Police")


class XSimulator:
    """A simulated X in this process's threads: `with XSimulator() as sim: sim.base_url`.

    Args:
        port: 0 takes a free one.
        scenario: the public's traffic; without one only `/_sim/say` speaks.
        faults: rules in force from the start; `faults.replace` changes them.
        journal: where the network is kept; without it a restart begins empty.
        speed: scenario seconds in one real second.
        offset_seconds: how much of the scenario is on the network already.
        limits: requests in fifteen minutes by endpoint: `limits.GENEROUS` or `REAL_LIKE`.
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
        self._clock = clock or SystemClock()
        self._journal = Journal(journal)
        self.faults = faults or FaultBook()
        self.network = Network(self._clock, self._journal.append)
        self.network.restore(self._journal.open())
        account = scenario.account if scenario else NORTHSHIRE
        self.account = self.network.join(account.handle, account.name)
        self.credentials: DemoCredentials = demo_credentials(account.handle)
        self._routes = Routes(
            Reading(self.network, self.account, self._clock),
            Writing(self.network, self.account, self._clock),
            account_id=self.account.id,
            credentials=self.credentials,
            limits=Limits(self._clock, limits),
        )
        self.control = Control(self.network, self.account, self.faults)
        self.public: Public | None = None
        if scenario:
            self.public = Public(
                scenario, self.network, self._clock, speed=speed, offset_seconds=offset_seconds
            )
            self.public.step()
        self._wire = Wire(port, self._decide)
        self._stop = Event()
        self._threads: list[Thread] = []

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
            return self._routes.answer(request), None
        if rule.kind is FaultKind.HANG:
            return None, rule
        resets_at = int(self._clock.now().timestamp()) + WINDOW_SECONDS
        refused = refusal(rule, resets_at=resets_at)
        if refused is not None:
            return refused, rule
        answer = self._routes.answer(request)
        if rule.kind is FaultKind.ACCEPT_THEN_DROP:
            return None, rule
        return damaged(rule, answer), rule


def run_x(
    port: int,
    *,
    stop: Event,
    scenario: Path | None = None,
    faults: Path | None = None,
    journal: Path | None = None,
    speed: float = 1.0,
    offset_seconds: float = 0.0,
    limits: Mapping[str, int] = GENEROUS,
) -> None:
    """Serve a simulated X until `stop` is set.

    Raises:
        ConfigError: a scenario, fault or journal file is wrong, or the port is taken.
    """
    try:
        simulator = XSimulator(
            port,
            scenario=load_scenario(scenario) if scenario else None,
            faults=FaultBook(load_faults(faults)) if faults else None,
            journal=journal,
            speed=speed,
            offset_seconds=offset_seconds,
            limits=limits,
        )
    except OSError as error:
        raise ConfigError(
            f"The simulated X cannot listen on 127.0.0.1:{port}: {error.strerror}.",
            todo="Choose another --port, or stop what uses this one.",
        ) from error
    with simulator:
        stop.wait()
