"""Opening an account's channel with the credentials that lie apart from its configuration."""

from pathlib import Path

from socialdesk.channels.base import Channel
from socialdesk.channels.credentials import Credentials
from socialdesk.channels.registry import capabilities_of, open_channel
from socialdesk.core.config_file import load_config
from socialdesk.core.errors import ConfigError
from socialdesk.core.force import Account, Strict
from socialdesk.core.text import file_stem
from socialdesk.queue.desk import Desk


class Secrets(Strict):
    """What `secrets/ACCOUNT.yaml` in the home folder holds."""

    consumer_key: str
    consumer_secret: str
    access_token: str
    access_token_secret: str
    bearer_token: str | None = None


def secrets_path(desk: Desk, account: Account) -> Path:
    """Return where an account's credentials lie."""
    return desk.home.secrets / f"{file_stem(account.id)}.yaml"


def open_account(desk: Desk, account: Account) -> Channel:
    """Return the channel of one of the force's accounts; nothing is sent yet.

    Raises:
        ConfigError: the credentials are missing, malformed, or readable by others.
    """
    if not capabilities_of(account.channel).has_credentials:
        return open_channel(account, None)
    path = secrets_path(desk, account)
    if path.exists() and path.stat().st_mode & 0o077:
        raise ConfigError(
            f"{path}: others can read these credentials.", todo=f"Close it: chmod 600 {path}"
        )
    found = load_config(path, Secrets)
    return open_channel(
        account,
        Credentials(
            consumer_key=found.consumer_key,
            consumer_secret=found.consumer_secret,
            access_token=found.access_token,
            access_token_secret=found.access_token_secret,
            bearer_token=found.bearer_token,
        ),
    )
