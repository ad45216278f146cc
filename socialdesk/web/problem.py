"""Errors as partners see them: RFC 9457 problem details, one type for each that goes wrong."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from starlette.responses import JSONResponse

from socialdesk.channels.partner.report import Fault

MEDIA_TYPE = "application/problem+json"
NAMESPACE = "urn:socialdesk:problem:"


class Kind(Enum):
    """Every problem that this interface answers with: its type's name, its status, its title."""

    def __init__(self, slug: str, status: int, title: str) -> None:
        self.slug = slug
        self.status = status
        self.title = title

    MALFORMED = ("malformed-request", 400, "The request is not well formed")
    UNSIGNED = ("not-authenticated", 401, "The request is not signed by a known partner")
    OUT_OF_TIME = ("outside-clock-window", 401, "The request's time is outside the window")
    REPLAYED = ("replayed", 401, "The request was received before")
    NOT_FOUND = ("not-found", 404, "There is nothing here")
    METHOD = ("method-not-allowed", 405, "This cannot be done here")
    TOO_SLOW = ("too-slow", 408, "The request did not arrive in time")
    KEY_REUSED = ("idempotency-key-reused", 409, "The key belongs to another report")
    ERASED = ("erased", 410, "The report was erased")
    TOO_LARGE = ("too-large", 413, "The report is too large")
    MEDIA = ("unsupported-media-type", 415, "The body is not JSON")
    NOT_A_REPORT = ("not-a-report", 422, "The body breaks the schema")
    RATE_LIMITED = ("rate-limited", 429, "Too many reports")
    FAULT = ("internal-error", 500, "Something went wrong here")
    UNAVAILABLE = ("unavailable", 503, "The desk cannot store reports at present")


class Problem(Exception):  # noqa: N818 RFC 9457's own word
    """A request that is refused, with what its sender should do about it.

    Attributes:
        detail: what happened and what to do, in words; never anything that the request held.
        closes: the connection cannot be used again: part of the request was not read.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        faults: Sequence[Fault] = (),
        closes: bool = False,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {}) | ({"connection": "close"} if closes else {})
        self.faults = faults

    def response(self) -> JSONResponse:
        """Return the problem as an answer."""
        body: dict[str, Any] = {
            "type": f"{NAMESPACE}{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        }
        if self.faults:
            body["errors"] = [
                {"pointer": fault.pointer, "detail": fault.detail} for fault in self.faults
            ]
        return JSONResponse(
            body, status_code=self.kind.status, headers=self.headers, media_type=MEDIA_TYPE
        )
