"""The application: three addresses, and every refusal as problem details."""

from collections.abc import Awaitable, Callable

import structlog
from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from socialdesk.classify.assessment import Assessor
from socialdesk.core.errors import StoreError
from socialdesk.queue.desk import Desk
from socialdesk.web.openapi import document
from socialdesk.web.problem import Kind, Problem
from socialdesk.web.reports import RETRY_SECONDS, Intake

logger = structlog.get_logger()

_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'"),
)
_STATUSES = {404: Kind.NOT_FOUND, 405: Kind.METHOD}

Handler = Callable[[Request], Awaitable[Response]]


def make_app(desk: Desk, model: Assessor) -> ASGIApp:
    """Return the application of one desk."""
    intake = Intake(desk, desk.service("partners"), model)
    published = document(desk.force.name)

    async def openapi(_request: Request) -> Response:
        return JSONResponse(published)

    app = Starlette(
        routes=[
            Route("/v1/reports", intake.receive, methods=["POST"]),
            Route("/v1/health", _health(desk), methods=["GET"]),
            Route("/v1/openapi.json", openapi, methods=["GET"]),
        ],
        exception_handlers={
            Problem: _problem,
            HTTPException: _http_exception,
            Exception: _fault,
        },
    )
    app.router.redirect_slashes = False
    return _Headers(app)


def _health(desk: Desk) -> Handler:
    async def health(_request: Request) -> Response:
        try:
            await to_thread.run_sync(desk.store.ping)
        except StoreError as error:
            raise Problem(
                Kind.UNAVAILABLE,
                "The desk's database does not answer.",
                headers={"retry-after": RETRY_SECONDS},
            ) from error
        return JSONResponse({"status": "ok"})

    return health


async def _problem(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    logger.info("a request was refused", problem=error.kind.slug)
    return error.response()


async def _http_exception(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    kind = _STATUSES.get(error.status_code, Kind.MALFORMED)
    return Problem(kind, "See /v1/openapi.json for what is here.", headers=error.headers).response()


async def _fault(_request: Request, error: Exception) -> Response:
    """Answer for a fault of ours; Starlette raises it on, so that the log shows where it was."""
    del error
    return Problem(
        Kind.FAULT,
        "This is a fault here, and it was logged. Sign the report anew and send it again, with the "
        "same Idempotency-Key: it is stored at most once.",
    ).response()


class _Headers:
    """Puts on every answer the headers that keep browsers and caches out of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with our headers."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        await self._app(scope, receive, marked)
