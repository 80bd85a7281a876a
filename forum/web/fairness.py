"""One process serves everyone in turn."""

import time
from collections.abc import Callable, Iterable
from typing import Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Fair:
    """WSGI that lets the others go on before each request.

    A browser that asks again at once would otherwise keep the event loop: with 32 of them some waited two seconds for a
    page of two milliseconds.
    """

    def __init__(self, inner: Wsgi) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        time.sleep(0)  # under gevent this is its own, and every greenlet that can run does
        return self._inner(environ, start_response)
