"""Channels by name. A network's client is loaded only when a channel is opened."""

from typing import Protocol

from socialdesk.channels.base import Capabilities, Channel
from socialdesk.channels.credentials import Credentials
from socialdesk.channels.x.capabilities import X
from socialdesk.core.errors import ConfigError


class ChannelAccount(Protocol):
    """What must be known of an account to open its channel.

    `base_url` None means the network's own host; `timeout_seconds` bounds each call.
    """

    @property
    def channel(self) -> str:
        """The channel's name."""
        ...

    @property
    def base_url(self) -> str | None:
        """Scheme, host and port to speak to."""
        ...

    @property
    def timeout_seconds(self) -> float:
        """Seconds from a request's start to its answer's end."""
        ...


_CAPABILITIES = {X.name: X}


def capabilities_of(channel: str) -> Capabilities:
    """Return what a channel can do, without loading its client.

    Raises:
        ConfigError: there is no such channel.
    """
    try:
        return _CAPABILITIES[channel]
    except KeyError:
        raise ConfigError(
            f"There is no channel called {channel!r}.",
            todo=f"Write one of: {', '.join(sorted(_CAPABILITIES))}.",
        ) from None


def open_channel(account: ChannelAccount, credentials: Credentials) -> Channel:
    """Return the channel of an account; nothing is sent yet.

    Raises:
        ConfigError: there is no such channel, or the address or credentials are not of its form.
    """
    capabilities_of(account.channel)
    from socialdesk.channels.x.client import XChannel  # noqa: PLC0415 loads tweepy
    from socialdesk.channels.x.transport import XSession  # noqa: PLC0415 loads requests

    session = XSession(account.base_url, account.timeout_seconds)
    return XChannel(credentials, session)
