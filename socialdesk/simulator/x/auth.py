"""Who is asking: an application's bearer token, or OAuth 1.0a user context with its signature.

Source: RFC 5849 §3.4 (HMAC-SHA1 over method, URL and parameters) and X's authentication pages.
"""

import base64
import hmac
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha1
from urllib.parse import quote, unquote

from socialdesk.simulator.exchange import Request
from socialdesk.simulator.snowflake import user_id_for
from socialdesk.simulator.x.problems import unauthorised, wrong_context


class Context(StrEnum):
    """In whose name a request comes."""

    APPLICATION = "application"
    USER = "user"


@dataclass(frozen=True, slots=True)
class DemoCredentials:
    """What the simulated X accepts. Invented; they open nothing anywhere else."""

    consumer_key: str
    consumer_secret: str
    access_token: str
    access_token_secret: str
    bearer_token: str


def demo_credentials(handle: str) -> DemoCredentials:
    """Return the credentials of the account `handle`; X begins a token with the user's id."""
    return DemoCredentials(
        consumer_key="simulated-consumer-key",
        consumer_secret="simulated-consumer-secret",  # noqa: S106 opens the simulator alone
        access_token=f"{user_id_for(handle)}-simulated-access-token",
        access_token_secret="simulated-access-token-secret",  # noqa: S106 the same
        bearer_token="simulated-bearer-token",  # noqa: S106 the same
    )


def context_of(request: Request, credentials: DemoCredentials) -> Context:
    """Return in whose name `request` comes.

    Raises:
        Problem: 401, no Authorization header or one that does not match.
    """
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        if hmac.compare_digest(value.strip().encode(), credentials.bearer_token.encode()):
            return Context.APPLICATION
    elif scheme.lower() == "oauth" and _signed(request, _oauth_parameters(value), credentials):
        return Context.USER
    raise unauthorised()


def require_user(context: Context) -> None:
    """Refuse an application token.

    Raises:
        Problem: 403.
    """
    if context is not Context.USER:
        raise wrong_context()


def _oauth_parameters(header: str) -> dict[str, str]:
    parameters = {}
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        parameters[unquote(name)] = unquote(value.strip('"'))
    return parameters


def _signed(request: Request, oauth: dict[str, str], credentials: DemoCredentials) -> bool:
    if oauth.get("oauth_consumer_key") != credentials.consumer_key:
        return False
    if oauth.get("oauth_token") != credentials.access_token:
        return False
    given = oauth.pop("oauth_signature", "")
    return hmac.compare_digest(given.encode(), _signature(request, oauth, credentials).encode())


def _signature(request: Request, oauth: dict[str, str], credentials: DemoCredentials) -> str:
    pairs = sorted((_escaped(k), _escaped(v)) for k, v in {**request.query, **oauth}.items())
    parameters = "&".join(f"{name}={value}" for name, value in pairs)
    url = f"http://{request.headers.get('host', '')}{request.path}"
    base = "&".join((request.method, _escaped(url), _escaped(parameters)))
    key = f"{_escaped(credentials.consumer_secret)}&{_escaped(credentials.access_token_secret)}"
    return base64.b64encode(hmac.digest(key.encode(), base.encode(), sha1)).decode()


def _escaped(text: str) -> str:
    return quote(text, safe="~")
