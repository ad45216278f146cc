"""POST /v1/reports: from a signed request to a stored report and its reference."""

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from socialdesk.channels.partner.report import NotAReport, NotJson, Report, read_report
from socialdesk.classify.assessment import Assessor
from socialdesk.core.errors import AuditError, StoreError, VaultError
from socialdesk.queue.desk import Desk
from socialdesk.queue.partners import (
    KeyReused,
    NonceUsed,
    ReportErased,
    Taken,
    spend_nonce,
    take_report,
)
from socialdesk.store.transaction import Actor
from socialdesk.web.body import BODY_LIMIT, BODY_SECONDS, read_body
from socialdesk.web.caller import Caller, authenticate, require_room, well_formed
from socialdesk.web.problem import Kind, Problem
from socialdesk.web.rate import Rates

THREADS = 8
"""Reports stored at a time: each holds a database connection; the others wait their turn."""
RETRY_SECONDS = "10"


class Intake:
    """Takes in the reports of one desk's partners."""

    def __init__(self, desk: Desk, actor: Actor, model: Assessor) -> None:
        self._desk = desk
        self._actor = actor
        self._model = model
        self._rates = Rates()
        self._threads = CapacityLimiter(THREADS)

    async def receive(self, request: Request) -> Response:
        """Answer 202 with a reference, once the report is durably stored.

        Raises:
            Problem: it was not taken in, or an earlier one holds its Idempotency-Key.
        """
        asked, signature = well_formed(request)
        body = await read_body(request, limit=BODY_LIMIT, seconds=BODY_SECONDS)
        caller = authenticate(self._desk, asked, signature, body)
        require_room(self._rates, caller, self._desk.clock.now())
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != "application/json":
            raise Problem(Kind.MEDIA, "Send the report as application/json.")
        report = _read(body)
        taken = await to_thread.run_sync(
            self._store, caller, report, body, limiter=self._threads, abandon_on_cancel=False
        )
        return JSONResponse(_answer(taken), status_code=202)

    def _store(self, caller: Caller, report: Report, body: bytes) -> Taken:
        key = caller.request.idempotency_key
        try:
            spend_nonce(self._desk, caller.partner, caller.request.nonce)
            return take_report(
                self._desk, self._actor, caller.partner, key, report, body, self._model
            )
        except NonceUsed as error:
            raise Problem(
                Kind.REPLAYED,
                "This very request was received before. To send it again, sign it with a new "
                "nonce and the same Idempotency-Key.",
            ) from error
        except KeyReused as error:
            raise Problem(
                Kind.KEY_REUSED,
                "Another body was taken in under this Idempotency-Key, and stands. Send a new "
                "report under a key of its own.",
            ) from error
        except ReportErased as error:
            raise Problem(
                Kind.ERASED,
                "The report under this Idempotency-Key was taken in, and erased since by "
                "authority. It is not taken in again.",
            ) from error
        except (StoreError, AuditError, VaultError) as error:
            raise Problem(
                Kind.UNAVAILABLE,
                "The report could not be stored. Sign it anew and send it again, with the same "
                "Idempotency-Key.",
                headers={"retry-after": RETRY_SECONDS},
            ) from error


def _read(body: bytes) -> Report:
    try:
        return read_report(body)
    except NotJson as error:
        raise Problem(Kind.MALFORMED, f"The body is not one plain JSON object: {error}.") from error
    except NotAReport as error:
        raise Problem(
            Kind.NOT_A_REPORT,
            "The body breaks the schema at /v1/openapi.json. Nothing was stored.",
            faults=error.faults,
        ) from error


def _answer(taken: Taken) -> dict[str, object]:
    return {
        "reference": taken.reference,
        "id": taken.id,
        "jurisdiction": taken.jurisdiction,
        "for_another_force": taken.for_another_force,
        "received_at": f"{taken.received_at:%Y-%m-%dT%H:%M:%S.%f}Z",
    }
