"""What every answer says to the browser (security.md S1, S2, S4)."""

from flask import Response, request

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


def add(response: Response) -> Response:
    """Set them all. Static files keep their own caching."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if not request.path.startswith("/static/"):
        for name, value in PERSONAL.items():
            response.headers[name] = value
    return response
