"""What an account shows X to be let in."""

from pydantic import Field

from socialdesk.channels.credentials import Credentials
from socialdesk.core.errors import ConfigError


class XCredentials(Credentials):
    """An application's and an account's keys, as X's OAuth 1.0a names them.

    Attributes:
        access_token: begins with the account's own numeric id and a dash, as X issues it.
        bearer_token: the application's token; when there is one, mentions are read with it.
    """

    consumer_key: str = Field(repr=False)
    consumer_secret: str = Field(repr=False)
    access_token: str = Field(repr=False)
    access_token_secret: str = Field(repr=False)
    bearer_token: str | None = Field(default=None, repr=False)

    @property
    def account_id(self) -> str:
        """The network's id of the account that the access token belongs to.

        Raises:
            ConfigError: the token is not of X's form.
        """
        account_id, dash, _ = self.access_token.partition("-")
        if not (dash and account_id.isascii() and account_id.isdigit()):
            raise ConfigError(
                "The X access token does not begin with the account's id and a dash, "
                "so it is not an access token.",
                todo="Copy the Access Token (not the API key or the bearer token) from X's "
                "developer portal; it looks like 2244994945-AbC....",
            )
        return account_id
