"""One line for each answer: enough to see what is slow or broken, too little to see who read what (security.md S27)."""

import logging
import secrets
import sys
from datetime import timedelta

from flask import Flask, Response, request

from forum.base import clock

log = logging.getLogger("forum.access")

BEGAN = "forum.began"
LINE = "answered id=%s route=%s status=%s ms=%s"


def init(app: Flask) -> None:
    """Note every answer of `app`. Whoever runs the program decides where the lines go; see `write_to_stderr`."""
    app.before_request(_begin)
    app.after_request(_note)


def write_to_stderr() -> None:
    """Have the lines written where the server's other messages go. Doing it twice changes nothing."""
    logging.logThreads = logging.logMultiprocessing = (
        False  # no line names a thread; to look it up took a fifth of each
    )
    log.setLevel(logging.INFO)
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        log.addHandler(handler)


def _begin() -> None:
    request.environ[BEGAN] = clock.now()


def _note(response: Response) -> Response:
    """The route as the program spells it, never the address: an id beside a time says who was where."""
    now = clock.now()
    ms = (now - request.environ.get(BEGAN, now)) // timedelta(milliseconds=1)
    route = request.url_rule.rule if request.url_rule else "none"
    if log.isEnabledFor(logging.INFO):  # made here: to find out who called would take longer than the line
        said = (secrets.token_hex(4), route, response.status_code, ms)
        log.handle(logging.LogRecord(log.name, logging.INFO, __file__, 0, LINE, said, None))
    return response
