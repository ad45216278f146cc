"""A publisher of feeds: a real HTTP server on this machine that answers as each test says."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answering = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Publisher:
    """What is served, and what was asked.

    Attributes:
        answer: answers a request by hand, instead of with `body`.
        asked: headers of every request, by lower-case name.
    """

    port: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    answer: Answering | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The feed's address."""
        return f"http://127.0.0.1:{self.port}/news/feed.xml"

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request; 304 where its condition says that nothing changed."""
        self.asked.append({name.lower(): value for name, value in request.headers.items()})
        self.paths.append(request.path)
        if self.answer is not None:
            self.answer(request)
            return
        etag = self.headers.get("ETag")
        known = etag is not None and self.asked[-1].get("if-none-match") == etag
        request.send_response(304 if known else self.status)
        for name, value in self.headers.items():
            request.send_header(name, value)
        content = b"" if known else self.body
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)


@contextmanager
def publishing() -> Iterator[Publisher]:
    """Run a publisher for the length of a test."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            publisher.handle(self)

        def handle(self) -> None:
            with suppress(ConnectionError):
                super().handle()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    publisher = Publisher(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield publisher
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def rss(*items: str, head: str = "<title>Acton News</title>") -> bytes:
    """Return an RSS 2.0 feed."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>{head}'
        f"{''.join(items)}</channel></rss>"
    ).encode()


def item(guid: str = "a-1", title: str = "Title", text: str = "Text", more: str = "") -> str:
    """Return one RSS item."""
    return (
        f'<item><guid isPermaLink="false">{guid}</guid><title>{title}</title>'
        f"<description>{text}</description>{more}</item>"
    )
