"""A gateway for the tests, as one that sends texts and rings telephones: it keeps what it was asked, and by whom it was signed."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass
class Gateway:
    """A receiver in a thread of this process.

    :param asked: the headers and the body of each request, oldest first. :param status: what it answers. :param to: where it
        says to go instead.
    """

    url: str
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200
    to: str = ""

    def rang(self, secret: str) -> list[dict[str, Any]]:
        """Every call, read as a careful gateway reads it: one that nobody signed with this secret fails the test."""
        return [_read(headers, body, secret) for headers, body in self.asked]


def _read(headers: dict[str, str], body: bytes, secret: str) -> dict[str, Any]:
    at, _comma, sent = headers["Forum-Signature"].removeprefix("t=").partition(",v1=")
    right = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(sent, right), "signed by somebody else"
    call: dict[str, Any] = json.loads(body)
    assert headers["Idempotency-Key"] == call["id"]
    return call


@contextmanager
def gateway() -> Iterator[Gateway]:
    """One that listens as long as this lasts."""
    known = Gateway("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.asked.append((dict(self.headers), body))
            self.send_response(known.status)
            if known.to:
                self.send_header("Location", known.to)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
