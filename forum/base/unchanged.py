"""Whether anything at all was written since, by anybody and in any process: what was read before still holds if not."""

from collections.abc import Hashable
from itertools import count
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, PoolProxiedConnection, String, cast, event, func, select

from forum.base import db

#: Of a database's own connection, so that no two databases of one process seem to be one.
_numbers = count()
_watches: WeakKeyDictionary[Engine, tuple[int, PoolProxiedConnection]] = WeakKeyDictionary()

#: Which transactions can be seen; the same text twice means the same rows (PostgreSQL's manual, "pg_snapshot").
_SEEN = select(cast(func.pg_current_snapshot(), String))


def as_of() -> Hashable:
    """Ask before reading; as long as it gives the same again, every row is as it was read.

    It may also change when nothing was written. Outside transactions alone.
    """
    engine = db.read_engine()
    if engine.dialect.name != "sqlite":
        found = db.row(_SEEN)
        return engine.url.database, found[0] if found else None
    number, connection = _watches.get(engine) or _watch(engine)
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA data_version")
        return number, *cursor.fetchall()
    finally:
        cursor.close()


def _watch(engine: Engine) -> tuple[int, PoolProxiedConnection]:
    """SQLite counts what others wrote for each connection by itself: one is kept for this alone, and never writes."""
    connection = engine.raw_connection()
    connection.detach()
    _watches[engine] = number, connection = next(_numbers), connection
    event.listen(engine, "engine_disposed", lambda _engine: _let_go(engine), once=True)
    return number, connection


def _let_go(engine: Engine) -> None:
    watch = _watches.pop(engine, None)
    if watch is not None:
        watch[1].close()
