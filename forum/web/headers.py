"""What every answer says to the browser (security.md S1, S2, S4)."""

from collections.abc import Callable, Iterable
from typing import Any

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types fragment"
)
FEATURES = (
    "accelerometer browsing-topics camera display-capture fullscreen geolocation gyroscope microphone payment usb"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES.split()),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, noarchive",
}
#: Pages about people are kept by no cache, and Back shows nothing after leaving.
PERSONAL = {"Cache-Control": "no-store", "Vary": "Cookie"}

STATIC = "/static/"

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]

_EVERYWHERE: Headers = list(HEADERS.items())
_ON_PAGES: Headers = [*_EVERYWHERE, *PERSONAL.items()]
_OURS = frozenset(name.lower() for name, _value in _ON_PAGES)


class Fenced:
    """WSGI around everything: no answer leaves without these headers, whoever made it. Static files keep their caching."""

    def __init__(self, inner: Wsgi) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        static = environ.get("PATH_INFO", "").startswith(STATIC)

        def start(status: str, headers: Headers, *rest: Any) -> Any:
            return start_response(status, headers + _EVERYWHERE if static else fenced(headers), *rest)

        return self._inner(environ, start)


def fenced(headers: Headers) -> Headers:
    """A page's headers with ours in the place of what it said itself."""
    return [pair for pair in headers if pair[0].lower() not in _OURS] + _ON_PAGES
