"""Pages sent small: on a phone at the edge of coverage 34 kB take a second and 7 kB a fifth of one."""

import gzip
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import brotli
from flask import Response, request
from werkzeug.http import parse_accept_header

#: Below this a packet is sent all the same.
LEAST_BYTES = 1_000
#: Half a millisecond for a long page; the levels above cost more time here than they save on a slow line.
BROTLI_QUALITY = 4
GZIP_LEVEL = 5
TYPES = frozenset({"text/html", "application/json"})
#: Browsers send a handful of these between them.
HEADERS_KEPT = 100


def compress(response: Response) -> Response:
    """Send an answer as brotli or gzip where the browser takes it.

    Not where another site sent the reader here. That site chooses part of the address, the page repeats it, and from
    the sizes of many answers somebody on the line could guess what else is on the page (BREACH). Form tokens look
    different in every answer; what people wrote does not.
    """
    encoding = wanted(request.environ)
    if encoding is None or response.mimetype not in TYPES or response.is_streamed or response.direct_passthrough:
        return response
    plain = response.get_data()
    if len(plain) < LEAST_BYTES or "Content-Encoding" in response.headers:
        return response
    response.set_data(small(plain, encoding))
    response.headers["Content-Encoding"] = encoding
    return response


def wanted(environ: Mapping[str, Any]) -> str | None:
    """How the browser that asks wants its answer: "br", "gzip" or None for plain."""
    header = environ.get("HTTP_ACCEPT_ENCODING")
    if not header or environ.get("HTTP_SEC_FETCH_SITE") in ("cross-site", "same-site"):
        return None
    return _best_of(header)


@lru_cache(maxsize=HEADERS_KEPT)
def _best_of(header: str) -> str | None:
    taken = parse_accept_header(header)
    return next((name for name in ("br", "gzip") if taken.find(name) >= 0 and taken[name] > 0), None)


def small(plain: bytes, encoding: str) -> bytes:
    """`plain` in the encoding that `wanted` said."""
    if encoding == "br":
        return brotli.compress(plain, brotli.MODE_TEXT, BROTLI_QUALITY)
    return gzip.compress(plain, GZIP_LEVEL, mtime=0)
