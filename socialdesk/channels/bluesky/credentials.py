"""What an account shows Bluesky to be let in."""

from pydantic import Field

from socialdesk.channels.credentials import Credentials


class BlueskyCredentials(Credentials):
    """A handle (or DID) and an app password, from Bluesky's settings under Privacy and Security.

    The app password must be given access to direct messages there. The account's own password is
    not wanted: it cannot be withdrawn by itself, nor limited.
    """

    identifier: str = Field(pattern=r"^(did:[a-z]+:\S+|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)$")
    app_password: str = Field(repr=False, pattern=r"^[a-z0-9]{4}(-[a-z0-9]{4}){3}$")
