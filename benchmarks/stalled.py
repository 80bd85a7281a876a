"""The real program with a watch beside it: `/longest-stall` says for how many milliseconds its event loop stood still."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import gevent

import wsgi

TICK_S = 0.001


class Watch:
    """WSGI that answers one address more."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self._inner = inner
        self._longest = 0.0
        gevent.spawn(self._tick)

    def _tick(self) -> None:
        last = time.monotonic()
        while True:
            gevent.sleep(TICK_S)
            now = time.monotonic()
            self._longest = max(self._longest, now - last - TICK_S)
            last = now

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/longest-stall":
            return self._inner(environ, start_response)
        longest, self._longest = self._longest, 0.0
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{longest * 1000:.3f}".encode()]


def create_app() -> Any:
    """The program, watched."""
    app = wsgi.create_app()
    app.wsgi_app = Watch(app.wsgi_app)  # type: ignore[method-assign]
    return app
