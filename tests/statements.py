"""Counting what is asked of a database, by its own driver: nothing that reaches it is left out, however it was sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from forum.base import hot
from forum.base.db import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """What both engines ask from here on, in order; BEGIN and COMMIT too where they are sent. Needs an app context."""
    said: list[str] = []

    def on_checkout(connection: Any, *_rest: object) -> None:
        if hasattr(connection, "set_trace_callback"):
            connection.set_trace_callback(said.append)
        else:
            connection.cursor_factory = _telling(said)

    def on_checkin(connection: Any, *_rest: object) -> None:
        if hasattr(connection, "set_trace_callback"):
            connection.set_trace_callback(None)
        elif connection is not None:
            connection.cursor_factory = psycopg.Cursor

    engines: list[Engine] = list(db.engines.values())
    for engine in engines:
        event.listen(engine, "checkout", on_checkout)
        event.listen(engine, "checkin", on_checkin)
    hot.put_back()
    try:
        yield said
    finally:
        hot.put_back()
        for engine in engines:
            event.remove(engine, "checkout", on_checkout)
            event.remove(engine, "checkin", on_checkin)


def _telling(said: list[str]) -> type[psycopg.Cursor[Any]]:
    class Telling(psycopg.Cursor[Any]):
        def execute(self, query: Any, *args: Any, **options: Any) -> Any:
            said.append(str(query))
            return super().execute(query, *args, **options)

    return Telling
