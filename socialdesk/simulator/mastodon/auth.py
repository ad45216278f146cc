"""Who is asking: the account's bearer token."""

import hmac

from socialdesk.simulator.exchange import Request
from socialdesk.simulator.mastodon.problems import unauthorised


def demo_token(handle: str) -> str:
    """Return the token that the simulated instance accepts. Invented; it opens nothing else."""
    return f"simulated-mastodon-token-of-{handle}"


def require_token(request: Request, token: str) -> None:
    """Refuse whoever does not show the token.

    Raises:
        Problem: 401.
    """
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(
        value.strip().encode(), token.encode()
    ):
        raise unauthorised()
