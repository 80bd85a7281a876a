"""One line for each answer: enough to see what is slow or broken, too little to see who read what (security.md S27)."""

import atexit
import logging
import sys
from contextlib import suppress
from datetime import datetime, timedelta

from flask import Flask, Response, request

from forum.base import clock
from forum.base.idents import random_bytes

log = logging.getLogger("forum.access")

BEGAN = "forum.began"
#: What a killed process may lose, beside what came within the second.
MOST_WAITING = 50
#: To hand each line to the logging module and write it took a fifth of the shortest answers.
_waiting: list[str] | None = None


def init(app: Flask) -> None:
    """Note every answer of `app`. Whoever runs the program decides where the lines go; see `write_to_stderr`."""
    app.before_request(_begin)
    app.after_request(_note)


def write_to_stderr() -> None:
    """Have the lines written where the server's other messages go, some at a time. Doing it twice changes nothing."""
    global _waiting
    if _waiting is None:
        _waiting = []
        atexit.register(flush)


def flush() -> None:
    """Write what waits: every second (forum.live.ticker), and when the process stops.

    Lines that cannot be written are lost, and no page with them.
    """
    global _waiting
    if _waiting:
        lines, _waiting = _waiting, []
        with suppress(OSError):
            sys.stderr.write("".join(lines))
            sys.stderr.flush()


def _begin() -> None:
    request.environ[BEGAN] = clock.now()


def _note(response: Response) -> Response:
    route = request.url_rule.rule if request.url_rule else "none"
    note(route, response.status_code, request.environ.get(BEGAN))
    return response


def note(route: str, status: int, began: datetime | None) -> None:
    """One answer's line.

    :param route: as the program spells it, never the address: an id beside a time says who was where.
    """
    now = clock.now()
    ms = (now - began) // timedelta(milliseconds=1) if began else 0
    line = f"answered id={random_bytes(4).hex()} route={route} status={status} ms={ms}"
    if _waiting is None:
        log.info(line)
        return
    _waiting.append(f"{now:%Y-%m-%dT%H:%M:%S} {line}\n")
    if len(_waiting) >= MOST_WAITING:
        flush()
