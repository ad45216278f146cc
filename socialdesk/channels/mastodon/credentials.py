"""What an account shows its Mastodon instance to be let in."""

from pydantic import Field

from socialdesk.channels.credentials import Credentials


class MastodonCredentials(Credentials):
    """A token of the account's own, from its instance (Preferences, Development).

    It needs the scopes `read` and `write:statuses`. No path is of its form: Mastodon.py would
    read a token that names a file as that file.
    """

    access_token: str = Field(repr=False, pattern=r"^[A-Za-z0-9_-]{20,200}$")
