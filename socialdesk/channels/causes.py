"""Did the request leave? Read from an exception and everything that caused it."""

import ssl
from collections.abc import Iterator
from typing import TypeVar

from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from socialdesk.channels.transport import OutOfTime

_NEVER_LEFT = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError, OutOfTime)

E = TypeVar("E", bound=BaseException)


def never_left(error: BaseException) -> bool:
    """Say whether the failure proves that no byte of the request was sent."""
    return any(isinstance(cause, _NEVER_LEFT) for cause in causes(error))


def cause_of(error: BaseException, kind: type[E]) -> E | None:
    """Return the first of an error's causes, itself included, that is of `kind`."""
    return next((cause for cause in causes(error) if isinstance(cause, kind)), None)


def causes(error: BaseException) -> Iterator[BaseException]:
    """Walk an error's causes: requests and urllib3 keep them in args, reason and context."""
    waiting, met = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) in met:
            continue
        met.add(id(cause))
        yield cause
        nearby = (*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__)
        waiting += [near for near in nearby if isinstance(near, BaseException)]


def short(words: str) -> str:
    """Return words from the network on one line, cut to what an error may carry."""
    return " ".join(words.split())[:200]
