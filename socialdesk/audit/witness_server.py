"""The witness over HTTP: POST /add-checkpoint, as C2SP tlog-witness describes it."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import structlog

from socialdesk.audit.witness import BAD_REQUEST, PLAIN, UNKNOWN_LOG, Answer, Witness

logger = structlog.get_logger()

MAX_BODY = 64 * 1024
SLOWEST_SECONDS = 10
TOO_LARGE = 413


def serve_witness(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """Return a server for `witness`, bound and not yet running; port 0 takes a free one.

    Raises:
        OSError: the address is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = SLOWEST_SECONDS
        server_version = "socialdesk-witness"
        sys_version = ""

        def do_POST(self) -> None:
            """Answer one submission."""
            answer = self._answer()
            content = answer.text.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _answer(self) -> Answer:
            if self.path != "/add-checkpoint":
                return Answer(UNKNOWN_LOG, "Only /add-checkpoint is served here.\n")
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdigit()):
                return Answer(BAD_REQUEST, "Content-Length is missing.\n")
            if int(length) > MAX_BODY:
                return Answer(TOO_LARGE, "The request is too large.\n", PLAIN)
            return witness.add_checkpoint(self.rfile.read(int(length)))

        def log_message(self, _format: str, *args: object) -> None:
            """Log through the desk's own logger."""
            logger.info("witness", request=str(args[:2])[:200])

    return ThreadingHTTPServer((host, port), Handler)
