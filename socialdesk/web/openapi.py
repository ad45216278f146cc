"""The OpenAPI 3.1 document: made from the very models and forms that requests are read with."""

from collections.abc import Iterator
from typing import Any

from socialdesk.channels.partner.report import Report
from socialdesk.channels.partner.signature import FORMS, SIGNATURE_HEADER, WINDOW_SECONDS
from socialdesk.web.body import BODY_LIMIT
from socialdesk.web.problem import MEDIA_TYPE, NAMESPACE, Kind

VERSION = "1"
_SCHEMAS = "#/components/schemas/"
_HEADERS = {
    "socialdesk-partner": "The partner's id, as the force has it in its configuration.",
    "socialdesk-key": "The name of the key that signs. Two may be good at a time.",
    "socialdesk-timestamp": "When the request was signed, in seconds since 1970.",
    "socialdesk-nonce": "Random, and never used again.",
    "idempotency-key": "The partner's own name for this report: sending it again, with the same "
    "body, gives the same answer and no second report.",
}
_REFUSALS = (
    Kind.MALFORMED,
    Kind.UNSIGNED,
    Kind.TOO_SLOW,
    Kind.KEY_REUSED,
    Kind.ERASED,
    Kind.TOO_LARGE,
    Kind.MEDIA,
    Kind.NOT_A_REPORT,
    Kind.RATE_LIMITED,
    Kind.UNAVAILABLE,
)


def document(force_name: str) -> dict[str, Any]:
    """Return the whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{force_name}: reports from partner platforms",
            "version": VERSION,
            "description": "How requests are signed, with a worked example, is in the partners' "
            "guide (docs/partners.md). In an emergency the public call 999.",
        },
        "paths": {
            "/v1/reports": {"post": _report()},
            "/v1/health": {"get": _health()},
            "/v1/openapi.json": {"get": _itself()},
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": SIGNATURE_HEADER,
                    "description": "HMAC-SHA256 over method, path, partner, key, timestamp, nonce, "
                    "Idempotency-Key and the body's SHA-256, in lower-case hexadecimal. "
                    f"The timestamp may be {WINDOW_SECONDS} seconds from the desk's clock.",
                }
            },
        },
    }


def _report() -> dict[str, Any]:
    return {
        "operationId": "sendReport",
        "summary": "Hand a report of a member of the public to the force",
        "description": f"At most {BODY_LIMIT} bytes. 202 means that it is durably stored.",
        "security": [{"signature": []}],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": meaning,
                "schema": {"type": "string", "pattern": FORMS[name]},
            }
            for name, meaning in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"{_SCHEMAS}Report"}}},
        },
        "responses": {
            "202": {
                "description": "Durably stored, now or by an earlier request under the same key.",
                "content": {"application/json": {"schema": {"$ref": f"{_SCHEMAS}Receipt"}}},
            },
            **dict(_refusals(_REFUSALS)),
        },
    }


def _health() -> dict[str, Any]:
    return {
        "operationId": "health",
        "summary": "Whether reports can be stored at present",
        "responses": {
            "200": {
                "description": "They can.",
                "content": {"application/json": {"schema": {"$ref": f"{_SCHEMAS}Health"}}},
            },
            **dict(_refusals((Kind.UNAVAILABLE,))),
        },
    }


def _itself() -> dict[str, Any]:
    return {
        "operationId": "openapi",
        "summary": "This document",
        "responses": {
            "200": {
                "description": "OpenAPI 3.1.",
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        },
    }


def _refusals(kinds: tuple[Kind, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in kinds:
        yield (
            str(kind.status),
            {
                "description": f"{kind.title}.",
                "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMAS}Problem"}}},
            },
        )


def _schemas() -> dict[str, Any]:
    report = Report.model_json_schema(ref_template=_SCHEMAS + "{model}")
    parts = report.pop("$defs", {})
    return {
        **parts,
        "Report": report,
        "Receipt": {
            "type": "object",
            "additionalProperties": False,
            "required": ["reference", "id", "jurisdiction", "for_another_force", "received_at"],
            "properties": {
                "reference": {
                    "type": "string",
                    "pattern": "^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$",
                    "description": "For people: short enough to read out.",
                },
                "id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
                "jurisdiction": {"type": "string"},
                "for_another_force": {
                    "type": "boolean",
                    "description": "It is for another force: officers here will hand it off.",
                },
                "received_at": {"type": "string", "format": "date-time"},
            },
        },
        "Health": {
            "type": "object",
            "additionalProperties": False,
            "required": ["status"],
            "properties": {"status": {"const": "ok"}},
        },
        "Problem": _problem(),
    }


def _problem() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "RFC 9457.",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"enum": [f"{NAMESPACE}{kind.slug}" for kind in Kind]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "detail"],
                    "properties": {
                        "pointer": {"type": "string", "description": "RFC 6901."},
                        "detail": {"type": "string"},
                    },
                },
            },
        },
    }
