"""The simulated Bluesky, put together."""

from socialdesk.simulator.bluesky.dialect import BlueskyDialect
from socialdesk.simulator.bluesky.names import TidMint
from socialdesk.simulator.bluesky.tokens import DemoAccount, demo_account
from socialdesk.simulator.local import Dialect, Setting, Simulator
from socialdesk.simulator.snowflake import Mint


class BlueskySimulator(Simulator):
    """A simulated Bluesky: the account's own server, the app and the chat service in one."""

    credentials: DemoAccount

    def _mint(self) -> Mint:
        return TidMint()

    def _spoken(self, setting: Setting) -> Dialect:
        self.credentials = demo_account(setting.account)
        return BlueskyDialect(setting)
