"""Requests do what is due about concerns, too: a machine whose ticker stands still calls people as long as anybody writes,
asks for help or looks after a group.

Not each page that is only read: what is asked for most is answered before Flask, from memory and one question.
"""

from datetime import datetime, timedelta

from flask import Flask, Response, current_app, request

from forum.base import clock
from moderation.safeguarding import ticking

#: The ticker looks as often; to look costs one question of an index.
EVERY = timedelta(seconds=1)

_looked: datetime | None = None


def init(app: Flask) -> None:
    """Look after such an answer, at most once a second in one process."""
    forget()
    app.after_request(_look)


def _look(answer: Response) -> Response:
    global _looked
    now = clock.now()
    if _helps() and (_looked is None or not timedelta(0) <= now - _looked < EVERY):
        _looked = now
        ticking.help_out()
    return answer


def _helps() -> bool:
    """Whether this was a form, or a page for those who look after people."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method == "POST" or (view is not None and view.__module__.startswith("moderation."))


def forget() -> None:
    """Look anew at the next answer (another database)."""
    global _looked
    _looked = None
