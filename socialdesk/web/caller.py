"""Who is calling: the signature, the clock window, the rate and the nonce, in that order.

Nothing is written for a caller who cannot sign, and a partner who is too fast spends no nonce.
What a stranger is told does not say which partners or keys exist.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from starlette.requests import Request

from socialdesk.channels.partner.keys import PartnerKeys
from socialdesk.channels.partner.signature import (
    SIGNATURE_HEADER,
    WINDOW_SECONDS,
    Claimed,
    claimed,
    grouped,
    ill_formed,
    in_time,
    is_signed,
)
from socialdesk.core.errors import ConfigError
from socialdesk.core.force import Partner
from socialdesk.queue.desk import Desk
from socialdesk.queue.partners import keys_of
from socialdesk.web.problem import Kind, Problem
from socialdesk.web.rate import Rates

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Caller:
    """A partner whose signature was right."""

    partner: Partner
    request: Claimed


def well_formed(request: Request) -> tuple[Claimed, str]:
    """Return what a request claims and the signature it carries.

    Raises:
        Problem: a header is missing, repeated or not of its form.
    """
    headers = grouped(request.headers.items())
    wrong = ill_formed(headers)
    if wrong == SIGNATURE_HEADER and not headers.get(wrong):
        raise _unsigned()
    if wrong is not None:
        raise Problem(
            Kind.MALFORMED,
            f"The header {wrong} is missing, stands there twice, or is not of its form.",
        )
    query = request.scope.get("query_string", b"")
    path = request.scope["raw_path"] + (b"?" + query if query else b"")
    return (
        claimed(request.method, path.decode("latin-1"), headers),
        headers[SIGNATURE_HEADER][0],
    )


def authenticate(desk: Desk, request: Claimed, signature: str, body: bytes) -> Caller:
    """Return who signed a request.

    Raises:
        Problem: nobody known did, or not within the clock window.
    """
    known = next((p for p in desk.force.partners if p.id == request.partner), None)
    keys = None if known is None else _keys(desk, known)
    secret = None if keys is None else keys.secret(request.key)
    if not is_signed(request, body, secret, signature) or known is None:
        logger.warning("a request was not signed rightly", partner=request.partner, key=request.key)
        raise _unsigned()
    now = desk.clock.now()
    if not in_time(request.timestamp, now.timestamp()):
        raise Problem(
            Kind.OUT_OF_TIME,
            f"The request says second {request.timestamp}; here it is {int(now.timestamp())}. "
            f"They may be {WINDOW_SECONDS} seconds apart. Set the clock, sign anew, send again.",
            headers=_CHALLENGE,
        )
    return Caller(known, request)


def require_room(rates: Rates, caller: Caller, now: datetime) -> None:
    """Take one request from the partner's allowance.

    Raises:
        Problem: there is none left; its Retry-After says when there is.
    """
    wait = rates.wait(caller.partner.id, caller.partner.per_minute, now)
    if wait:
        raise Problem(
            Kind.RATE_LIMITED,
            f"{caller.partner.per_minute} reports a minute are agreed. Nothing was stored; sign "
            f"anew and send again in {wait} seconds.",
            headers={"retry-after": str(wait)},
        )


_CHALLENGE = {"www-authenticate": "Socialdesk-HMAC-SHA256"}


def _unsigned() -> Problem:
    return Problem(
        Kind.UNSIGNED,
        "The signature is missing or wrong, or the partner or its key is not known here.",
        headers=_CHALLENGE,
    )


def _keys(desk: Desk, partner: Partner) -> PartnerKeys | None:
    try:
        return keys_of(desk, partner)
    except ConfigError as error:
        logger.error("a partner's keys cannot be used", partner=partner.id, problem=str(error))
        return None
