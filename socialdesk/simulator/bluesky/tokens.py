"""Sessions: an app password opens one; its access token ends soon, its refresh token late.

Tokens are JSON Web Tokens signed with a secret that opens nothing else; being kept nowhere, they
outlive a restart. Source: com.atproto.server lexicons; ExpiredToken and InvalidToken come as 400,
as the reference server answers them.
"""

import base64
import hmac
import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from socialdesk.core.clock import Clock
from socialdesk.simulator.bluesky.names import did_of, handle_for, handle_of
from socialdesk.simulator.bluesky.problems import Problem
from socialdesk.simulator.network import User

ACCESS_SECONDS = 2 * 3600
REFRESH_SECONDS = 60 * 86_400
_SECRET = b"simulated-signing-secret"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """What the simulated Bluesky accepts. Invented; it opens nothing anywhere else."""

    identifier: str
    app_password: str


def demo_account(name: str) -> DemoAccount:
    """Return how the account of that name, or whole handle, signs in."""
    return DemoAccount(handle_for(name), "simu-late-dapp-word")


class Sessions:
    """Opens, renews and checks the account's sessions."""

    def __init__(self, user: User, clock: Clock) -> None:
        self._user = user
        self._clock = clock
        self._account = demo_account(user.username)

    def create(self, identifier: Any, password: Any) -> dict[str, Any]:
        """Open a session.

        Raises:
            Problem: 401, wrong name or password.
        """
        known = (self._account.identifier, did_of(self._user.id))
        if identifier not in known or password != self._account.app_password:
            raise Problem(401, "AuthenticationRequired", "Invalid identifier or password")
        return self._session()

    def refresh(self, authorization: str) -> dict[str, Any]:
        """Open a further session by a refresh token.

        Raises:
            Problem: the token is missing, wrong or has ended.
        """
        self._checked(authorization, "com.atproto.refresh")
        return self._session()

    def require(self, authorization: str) -> None:
        """Let only a valid access token pass.

        Raises:
            Problem: it is missing, wrong or has ended.
        """
        self._checked(authorization, "com.atproto.appPassPrivileged")

    def _session(self) -> dict[str, Any]:
        return {
            "did": did_of(self._user.id),
            "handle": handle_of(self._user),
            "accessJwt": self._token("com.atproto.appPassPrivileged", ACCESS_SECONDS),
            "refreshJwt": self._token("com.atproto.refresh", REFRESH_SECONDS),
            "active": True,
        }

    def _token(self, scope: str, seconds: int) -> str:
        now = int(self._clock.now().timestamp())
        claims = {"scope": scope, "sub": did_of(self._user.id), "iat": now, "exp": now + seconds}
        signed = f"{_part({'typ': 'JWT', 'alg': 'HS256'})}.{_part(claims)}"
        return f"{signed}.{_signature(signed)}"

    def _checked(self, authorization: str, scope: str) -> None:
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Problem(401, "AuthMissing", "Authentication Required")
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), _signature(signed).encode()):
            raise Problem(400, "InvalidToken", "Token could not be verified")
        claims = _claims(signed)
        if claims["scope"] != scope:
            raise Problem(400, "InvalidToken", "Bad token scope")
        if claims["exp"] <= self._clock.now().timestamp():
            raise Problem(400, "ExpiredToken", "Token has expired")


def _part(values: dict[str, Any]) -> str:
    return _base64(json.dumps(values).encode())


def _claims(signed: str) -> dict[str, Any]:
    text = signed.partition(".")[2]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return claims


def _signature(signed: str) -> str:
    return _base64(hmac.digest(_SECRET, signed.encode(), sha256))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
