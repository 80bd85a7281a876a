"""The door before the sockets: only our own pages may knock, and what they may ask for is little (security.md S9)."""

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.sansio.utils import host_is_trusted

from forum.base.broadcast import LINE
from forum.base.config import Settings
from forum.live import newcomers
from forum.live.line import Line
from forum.web.headers import Wsgi

PATH = "/socket.io/"
#: Where the web servers we know keep a request's socket.
SOCKETS = ("gunicorn.socket", "werkzeug.socket")
#: Of one process. Gunicorn's own limit is 4,000 connections (docs/operators.md), and pages must still get in: they work
#: without a line.
MOST_LINES = 3500


class Handshake:
    """WSGI in front of Socket.IO: checks who knocks, refuses compression, and hands on a `Line` instead of a socket.

    :param inner: everything else. :param settings: whose origins and host names are ours. :param lines: how many are open.
    """

    def __init__(self, inner: Wsgi, settings: Settings, lines: Callable[[], int] = lambda: 0) -> None:
        self._inner, self._settings, self._lines = inner, settings, lines

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(PATH):
            return self._inner(environ, start_response)
        if not is_ours(environ, self._settings):
            start_response("403 FORBIDDEN", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return []
        if self._lines() >= MOST_LINES:
            start_response("503 SERVICE UNAVAILABLE", [("Retry-After", "10"), ("Content-Length", "0")])
            return []
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            _prepare(environ)
        return self._inner(environ, start_response)


def is_ours(environ: dict[str, Any], settings: Settings) -> bool:
    """Whether a page of ours asks. No Origin means no browser; what a proxy or anybody else forwards is not believed."""
    origin, host = environ.get("HTTP_ORIGIN"), environ.get("HTTP_HOST")
    if not origin or not host:
        return False
    if settings.trusted_hosts and not host_is_trusted(host, settings.trusted_hosts):
        return False
    return origin in (settings.origins or _own_origins(host, settings))


def _own_origins(host: str, settings: Settings) -> tuple[str, ...]:
    """The page's own address. Behind a proxy it is https: a page that came in the clear may have been changed on its way."""
    return (f"https://{host}",) if settings.proxy_hops else (f"https://{host}", f"http://{host}")


def _prepare(environ: dict[str, Any]) -> None:
    """No compression (double the work, and what it saves tells about what it hides); a line in the socket's place."""
    environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
    for name in SOCKETS:
        if name in environ:
            environ[LINE] = Line(environ[name])
            newcomers.add(environ[LINE])
