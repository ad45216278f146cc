"""X's dialect: its endpoints, and what its faults look like."""

from socialdesk.simulator.exchange import Answer, Request
from socialdesk.simulator.limits import Limits
from socialdesk.simulator.local import Setting
from socialdesk.simulator.names import Names
from socialdesk.simulator.x.auth import DemoCredentials
from socialdesk.simulator.x.damage import DAMAGE
from socialdesk.simulator.x.limits import WINDOW_SECONDS
from socialdesk.simulator.x.reading import Reading
from socialdesk.simulator.x.routes import Routes
from socialdesk.simulator.x.writing import Writing


class XDialect:
    """X's API v2 for one account."""

    damage = DAMAGE
    names = Names()

    def __init__(self, setting: Setting, credentials: DemoCredentials) -> None:
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
