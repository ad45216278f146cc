"""Channels by name. A network's client is loaded only when a channel is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from socialdesk.channels.base import Capabilities, Channel
from socialdesk.channels.bluesky.capabilities import BLUESKY
from socialdesk.channels.bluesky.credentials import BlueskyCredentials
from socialdesk.channels.credentials import Credentials
from socialdesk.channels.mastodon.capabilities import MASTODON
from socialdesk.channels.mastodon.credentials import MastodonCredentials
from socialdesk.channels.x.capabilities import X
from socialdesk.channels.x.credentials import XCredentials
from socialdesk.core.clock import Clock, SystemClock
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


@dataclass(frozen=True, slots=True)
class _Network:
    """How one network is known and opened; `open` takes credentials of its own kind."""

    capabilities: Capabilities
    credentials: type[Credentials]
    open: Callable[[ChannelAccount, Any, Clock], Channel]


def _x(account: ChannelAccount, credentials: XCredentials, _clock: Clock) -> Channel:
    from socialdesk.channels.x.client import connected  # noqa: PLC0415 loads tweepy

    return connected(credentials, account.base_url, account.timeout_seconds)


def _mastodon(account: ChannelAccount, credentials: MastodonCredentials, clock: Clock) -> Channel:
    from socialdesk.channels.mastodon.client import connected  # noqa: PLC0415 loads mastodon

    return connected(credentials, account.base_url, account.timeout_seconds, clock)


def _bluesky(account: ChannelAccount, credentials: BlueskyCredentials, clock: Clock) -> Channel:
    from socialdesk.channels.bluesky.client import connected  # noqa: PLC0415 loads atproto

    return connected(credentials, account.base_url, account.timeout_seconds, clock)


_NETWORKS = {
    network.capabilities.name: network
    for network in (
        _Network(X, XCredentials, _x),
        _Network(MASTODON, MastodonCredentials, _mastodon),
        _Network(BLUESKY, BlueskyCredentials, _bluesky),
    )
}


def capabilities_of(channel: str) -> Capabilities:
    """Return what a channel can do, without loading its client.

    Raises:
        ConfigError: there is no such channel.
    """
    return _network(channel).capabilities


def credentials_for(channel: str) -> type[Credentials]:
    """Return the kind of credentials a channel is opened with.

    Raises:
        ConfigError: there is no such channel.
    """
    return _network(channel).credentials


def open_channel(
    account: ChannelAccount, credentials: Credentials, clock: Clock | None = None
) -> Channel:
    """Return the channel of an account; nothing is sent yet.

    Args:
        clock: tells it the time; the system's by default.

    Raises:
        ConfigError: there is no such channel, or the address or credentials are not of its form.
    """
    network = _network(account.channel)
    if not isinstance(credentials, network.credentials):
        raise ConfigError(
            f"These are not credentials for the channel {account.channel!r}.",
            todo="Compare the account's secrets file with docs/configuration.md.",
        )
    return network.open(account, credentials, clock or SystemClock())


def _network(channel: str) -> _Network:
    try:
        return _NETWORKS[channel]
    except KeyError:
        raise ConfigError(
            f"There is no channel called {channel!r}.",
            todo=f"Write one of: {', '.join(sorted(_NETWORKS))}.",
        ) from None
