"""Opening an account's channel with the credentials that lie apart from its configuration."""

from pathlib import Path

from socialdesk.channels.base import Channel
from socialdesk.channels.registry import credentials_for, open_channel
from socialdesk.core.config_file import load_config
from socialdesk.core.errors import ConfigError
from socialdesk.core.force import Account
from socialdesk.core.text import file_stem
from socialdesk.queue.desk import Desk


def secrets_path(desk: Desk, account: Account) -> Path:
    """Return where an account's credentials lie."""
    return desk.home.secrets / f"{file_stem(account.id)}.yaml"


def open_account(desk: Desk, account: Account) -> Channel:
    """Return the channel of one of the force's accounts; nothing is sent yet.

    Raises:
        ConfigError: the credentials are missing, malformed, or readable by others.
    """
    path = secrets_path(desk, account)
    if path.exists() and path.stat().st_mode & 0o077:
        raise ConfigError(
            f"{path}: others can read these credentials.", todo=f"Close it: chmod 600 {path}"
        )
    return open_channel(account, load_config(path, credentials_for(account.channel)), desk.clock)
