"""Mastodon's dialect: its endpoints, and what its faults look like."""

from socialdesk.simulator.exchange import Answer, Request
from socialdesk.simulator.limits import Limits
from socialdesk.simulator.local import Setting
from socialdesk.simulator.mastodon.damage import DAMAGE
from socialdesk.simulator.mastodon.limits import WINDOW_SECONDS
from socialdesk.simulator.mastodon.reading import Reading
from socialdesk.simulator.mastodon.routes import Routes
from socialdesk.simulator.mastodon.writing import Writing
from socialdesk.simulator.names import Names


class MastodonDialect:
    """The REST API of an instance for one account."""

    damage = DAMAGE
    names = Names()

    def __init__(self, setting: Setting, token: str) -> None:
        self._routes = Routes(
            Reading(setting.network, setting.account),
            Writing(setting.network, setting.account, setting.clock),
            token=token,
            limits=Limits(setting.clock, setting.limits, WINDOW_SECONDS),
        )

    def answer(self, request: Request) -> Answer:
        """Return the instance's answer; every refusal is an answer too."""
        return self._routes.answer(request)
