"""What an account shows a network to be let in. A secret never appears in a repr or a log."""

from socialdesk.core.force import Strict


class Credentials(Strict):
    """What lies in an account's secrets file; each network has its own kind."""
