"""Pages sent small: on a phone at the edge of coverage 34 kB take a second and 7 kB a fifth of one."""

import gzip

import brotli
from flask import Response, request

#: Below this a packet is sent all the same.
LEAST_BYTES = 1_000
#: Half a millisecond for a long page; the levels above cost more time here than they save on a slow line.
BROTLI_QUALITY = 4
GZIP_LEVEL = 5
TYPES = frozenset({"text/html", "application/json"})


def compress(response: Response) -> Response:
    """Send an answer as brotli or gzip where the browser takes it.

    Not where another site sent the reader here. That site chooses part of the address, the page repeats it, and from
    the sizes of many answers somebody on the line could guess what else is on the page (BREACH). Form tokens look
    different in every answer; what people wrote does not.
    """
    encoding = _wanted()
    if encoding is None or response.mimetype not in TYPES or response.is_streamed or response.direct_passthrough:
        return response
    plain = response.get_data()
    if len(plain) < LEAST_BYTES or "Content-Encoding" in response.headers:
        return response
    response.set_data(_small(plain, encoding))
    response.headers["Content-Encoding"] = encoding
    return response


def _wanted() -> str | None:
    asked = request.environ
    if not asked.get("HTTP_ACCEPT_ENCODING") or asked.get("HTTP_SEC_FETCH_SITE") in ("cross-site", "same-site"):
        return None
    taken = request.accept_encodings
    return next((name for name in ("br", "gzip") if taken.find(name) >= 0 and taken[name] > 0), None)


def _small(plain: bytes, encoding: str) -> bytes:
    if encoding == "br":
        return brotli.compress(plain, brotli.MODE_TEXT, BROTLI_QUALITY)
    return gzip.compress(plain, GZIP_LEVEL, mtime=0)
