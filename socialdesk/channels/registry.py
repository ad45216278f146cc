"""Channels by name. A network's client is loaded only when a channel is opened."""

from typing import Protocol

from socialdesk.channels.base import Capabilities, Channel
from socialdesk.channels.credentials import Credentials
from socialdesk.channels.feed.capabilities import FEED
from socialdesk.channels.partner.capabilities import PARTNER
from socialdesk.channels.x.capabilities import X
from socialdesk.core.errors import ConfigError
from socialdesk.core.force import Account


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


_CAPABILITIES = {known.name: known for known in (X, FEED, PARTNER)}


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


def require_pollable(account: Account) -> None:
    """Refuse an account that no poller could read.

    Raises:
        ConfigError: there is no such channel, it is not polled, or it has no such stream.
    """
    known = capabilities_of(account.channel)
    if not known.polled:
        raise ConfigError(
            f"The account {account.id!r} is on the channel {account.channel!r}, which calls the "
            "desk and is not polled.",
            todo="List it under partners, not under accounts.",
        )
    strange = sorted(set(account.streams) - {stream.value for stream in known.streams})
    if strange:
        streams = ", ".join(sorted(known.streams))
        raise ConfigError(
            f"The account {account.id!r} reads {', '.join(strange)}, which the channel "
            f"{account.channel!r} does not have.",
            todo=f"Write streams: [{streams}].",
        )


def open_channel(account: ChannelAccount, credentials: Credentials | None) -> Channel:
    """Return the channel of an account; nothing is sent yet.

    Args:
        credentials: None for a channel whose accounts have none.

    Raises:
        ConfigError: there is no such channel, or the address or credentials are not of its form.
    """
    if capabilities_of(account.channel) is FEED:
        from socialdesk.channels.feed.client import FeedChannel  # noqa: PLC0415 loads feedparser

        return FeedChannel(account.base_url, account.timeout_seconds)
    if credentials is None:
        raise ConfigError(
            f"An account on {account.channel!r} cannot be opened without credentials.",
            todo="Write them into its secrets file; see docs/configuration.md.",
        )
    from socialdesk.channels.x.client import XChannel  # noqa: PLC0415 loads tweepy
    from socialdesk.channels.x.transport import XSession  # noqa: PLC0415 loads requests

    session = XSession(account.base_url, account.timeout_seconds)
    return XChannel(credentials, session)
