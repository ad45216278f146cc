"""Mastodon's dialect: its endpoints, and what its faults look like."""

from socialdesk.simulator.exchange import Answer, Request
from socialdesk.simulator.faults import FaultRule
from socialdesk.simulator.limits import Limits
from socialdesk.simulator.local import Setting
from socialdesk.simulator.mastodon.damage import damaged, refusal
from socialdesk.simulator.mastodon.limits import WINDOW_SECONDS
from socialdesk.simulator.mastodon.reading import Reading
from socialdesk.simulator.mastodon.routes import Routes
from socialdesk.simulator.mastodon.writing import Writing


class MastodonDialect:
    """The REST API of an instance for one account."""

    def __init__(self, setting: Setting, token: str) -> None:
        self._clock = setting.clock
        self._routes = Routes(
            Reading(setting.network, setting.account),
            Writing(setting.network, setting.account, setting.clock),
            token=token,
            limits=Limits(setting.clock, setting.limits, WINDOW_SECONDS),
        )

    def answer(self, request: Request) -> Answer:
        """Return the instance's answer; every refusal is an answer too."""
        return self._routes.answer(request)

    def refusal(self, rule: FaultRule) -> Answer | None:
        """Return the answer of a fault that refuses before anything changed, if it is of those."""
        return refusal(rule, resets_at=self._clock.now().timestamp() + WINDOW_SECONDS)

    def damaged(self, rule: FaultRule, answer: Answer) -> Answer:
        """Return an answer with the fault's damage in its body, if it does any."""
        return damaged(rule, answer)
