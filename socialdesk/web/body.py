"""Reading a request's body: never more of it than allowed, and never for longer."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from socialdesk.web.problem import Kind, Problem

BODY_LIMIT = 64 * 1024
BODY_SECONDS = 10.0


async def read_body(request: Request, *, limit: int, seconds: float) -> bytes:
    """Return a request's whole body.

    Args:
        limit: bytes; a longer body is refused as soon as that is known, before it is read.
        seconds: from now until its last byte.

    Raises:
        Problem: it is too large, too slow, or its sender went away in the middle.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        raise _too_large(limit)
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.stream():
                size += len(piece)
                if size > limit:
                    raise _too_large(limit)
                pieces.append(piece)
    except TimeoutError as error:
        raise Problem(
            Kind.TOO_SLOW,
            f"The body did not arrive within {seconds:g} seconds. Nothing was stored; send it "
            "again.",
            closes=True,
        ) from error
    except ClientDisconnect as error:
        raise Problem(Kind.MALFORMED, "The connection ended before the body did.") from error
    return b"".join(pieces)


def _too_large(limit: int) -> Problem:
    return Problem(
        Kind.TOO_LARGE,
        f"A report may be {limit} bytes long. Nothing was stored; shorten it.",
        closes=True,
    )
