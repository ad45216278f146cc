"""X's dialect: its endpoints, and what its faults look like."""

from socialdesk.simulator.exchange import Answer, Request
from socialdesk.simulator.faults import FaultRule
from socialdesk.simulator.limits import Limits
from socialdesk.simulator.local import Setting
from socialdesk.simulator.x.auth import DemoCredentials
from socialdesk.simulator.x.damage import damaged, refusal
from socialdesk.simulator.x.limits import WINDOW_SECONDS
from socialdesk.simulator.x.reading import Reading
from socialdesk.simulator.x.routes import Routes
from socialdesk.simulator.x.writing import Writing


class XDialect:
    """X's API v2 for one account."""

    def __init__(self, setting: Setting, credentials: DemoCredentials) -> None:
        self._clock = setting.clock
        of = (setting.network, setting.account, setting.clock)
        self._routes = Routes(
            Reading(*of),
            Writing(*of),
            account_id=setting.account.id,
            credentials=credentials,
            limits=Limits(setting.clock, setting.limits, WINDOW_SECONDS),
        )

    def answer(self, request: Request) -> Answer:
        """Return X's answer; every refusal is an answer too."""
        return self._routes.answer(request)

    def refusal(self, rule: FaultRule) -> Answer | None:
        """Return the answer of a fault that refuses before anything changed, if it is of those."""
        return refusal(rule, resets_at=int(self._clock.now().timestamp()) + WINDOW_SECONDS)

    def damaged(self, rule: FaultRule, answer: Answer) -> Answer:
        """Return an answer with the fault's damage in its body, if it does any."""
        return damaged(rule, answer)
