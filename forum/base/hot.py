"""Reading statements that nearly every page asks, compiled once.

SQLAlchemy takes 86 µs to run the one that opens a conversation on SQLite and 344 µs on PostgreSQL, of which the
databases work 18 and 95 (measured with `make bench`'s data). Run from here it takes 30 and 148. The statement is still
written, and its values and columns still converted, by SQLAlchemy; only the way between is shorter.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Engine, LargeBinary, PoolProxiedConnection, Select, event
from sqlalchemy.types import TypeEngine

from forum.base import db

Convert = Callable[[Any], Any]

#: Connections kept at hand for each engine: more are used at once only when many pages wait for PostgreSQL.
KEPT_AT_HAND = 8

#: To take one from the engine's pool and bring it back took a third of each question.
_at_hand: WeakKeyDictionary[Engine, list[PoolProxiedConnection]] = WeakKeyDictionary()


@dataclass(frozen=True)
class _Compiled:
    """A statement in one database's words.

    :param order: the names of the values in the order of their places, or None where places have names.
    :param constants: values that stand in the statement itself.
    """

    text: str
    order: tuple[str, ...] | None
    constants: Mapping[str, Any]
    values: Mapping[str, Convert]
    columns: Mapping[int, Convert]
    make: Callable[[Sequence[Any]], Any]

    def read(self, found: Sequence[Any]) -> list[Any]:
        """Rows as the driver gave them, with their names and types."""
        if self.columns:
            found = [_converted(r, self.columns) for r in found]
        return list(map(self.make, found))


class Hot:
    """One such statement. Its rows have SQLAlchemy's names and types, and are tuples.

    :param statement: every value a `bindparam` given with each call; a list of them would have to be written anew.
    :param anew: PostgreSQL shall think each time about how to find its rows, for the best way differs with the values.
    """

    def __init__(self, statement: Select, *, anew: bool = False) -> None:
        self._statement = statement
        self._anew = anew
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, values: Mapping[str, Any]) -> Sequence[Any]:
        """All rows, with what `db.rows` promises: inside a transaction in it, else on the engine that only reads."""
        writing = db.writer.get()
        engine = db.read_engine() if writing is None else writing.wire.engine
        try:
            return self._ask(engine, values, writing)
        except engine.dialect.loaded_dbapi.Error:  # it knows a lost connection from a mistake, and what to do
            return db.rows(self._statement, values)

    def row(self, values: Mapping[str, Any]) -> Any:
        """The first row, or None."""
        found = self.rows(values)
        return found[0] if found else None

    def asked(self, values: Mapping[str, Any]) -> "Asked":
        """The same with its values made ready, for somebody who asks it again and again."""
        return Asked(self, values)

    def _ask(self, engine: Engine, values: Mapping[str, Any], writing: db.Writing | None = None) -> Sequence[Any]:
        made = self._made(engine)
        ask = (made.text, self._sent(made, values), self._how(engine))
        return made.read(_fetch(engine, *ask) if writing is None else _fetch_within(writing, *ask))

    def _made(self, engine: Engine) -> _Compiled:
        return self._compiled.get(engine.dialect.name) or self._compile(engine)

    def _sent(self, made: _Compiled, values: Mapping[str, Any]) -> Any:
        given = {**made.constants, **values}
        for name, convert in made.values.items():
            given[name] = convert(given[name])
        return given if made.order is None else tuple(map(given.__getitem__, made.order))

    def _how(self, engine: Engine) -> Mapping[str, bool]:
        return {"prepare": False} if self._anew and engine.dialect.driver == "psycopg" else {}

    def _compile(self, engine: Engine) -> _Compiled:
        dialect = engine.dialect
        compiled = self._statement.compile(dialect=dialect)
        if "POSTCOMPILE" in compiled.string:
            raise ValueError("A list of values: write them out, or use db.rows.")
        columns = self._statement.selected_columns
        binds = {n: (b, sending(b.type, dialect)) for n, b in compiled.binds.items()}
        reads = [c.type.dialect_impl(dialect).result_processor(dialect, None) for c in columns]
        names = [column.name for column in columns]
        found: Any = namedtuple("Found", names)  # type: ignore[misc]
        made = _Compiled(
            compiled.string,
            tuple(compiled.positiontup) if compiled.positiontup is not None else None,
            {
                n: bind.value if convert is None else convert(bind.value)
                for n, (bind, convert) in binds.items()
                if not bind.required
            },
            {n: convert for n, (bind, convert) in binds.items() if bind.required and convert is not None},
            {n: convert for n, convert in enumerate(reads) if convert is not None},
            partial(tuple.__new__, found),
        )
        self._compiled[dialect.name] = made
        return made


class Asked:
    """A question whose values never change. What it was answered with the last time is only compared with what the
    database says now, so that rows which are as they were are not made anew: the same list means the same rows.
    """

    def __init__(self, hot: Hot, values: Mapping[str, Any]) -> None:
        self._hot, self._values = hot, values
        self._ready: tuple[Engine, tuple[str, Any, Mapping[str, bool]], _Compiled] | None = None
        self._last: tuple[Sequence[Any], Sequence[Any]] = ((), ())

    def rows(self) -> Sequence[Any]:
        """As `Hot.rows`."""
        if db.writer.get() is not None:
            return self._hot.rows(self._values)
        engine = db.read_engine()
        if self._ready is None or self._ready[0] is not engine:
            self._ready = self._make_ready(engine)
        _engine, ask, made = self._ready
        try:
            found = _fetch(engine, *ask)
        except engine.dialect.loaded_dbapi.Error:
            return self._hot.rows(self._values)
        last, read = self._last
        if found != last:
            read = made.read(found)
            self._last = (found, read)
        return read

    def _make_ready(self, engine: Engine) -> tuple[Engine, tuple[str, Any, Mapping[str, bool]], _Compiled]:
        made = self._hot._made(engine)
        self._last = ((), ())
        return engine, (made.text, self._hot._sent(made, self._values), self._hot._how(engine)), made


def sending(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """How a value is handed to the driver. Python's for SQLite looks for an adapter for every memoryview, which
    SQLAlchemy makes of bytes, before it finds that it needs none: half a microsecond for each, 20 to a topic's page."""
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    return _as_array if dialect.name == "sqlite" and isinstance(kind, LargeBinary) else convert


def _as_array(value: bytes | None) -> bytearray | None:
    return None if value is None else bytearray(value)


def _fetch(engine: Engine, text: str, given: Any, how: Mapping[str, bool]) -> Sequence[Any]:
    """Every row. Where a connection failed the others are likely lost as well: none of them is used again."""
    kept = _at_hand.get(engine)
    if kept is None:
        kept = _at_hand[engine] = []
        event.listen(engine, "engine_disposed", lambda _engine: _let_go(kept))
    try:
        connection = kept.pop()
    except IndexError:
        connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(text, given, **how)
        found = cursor.fetchall()
        cursor.close()
    except BaseException:
        connection.invalidate()
        _let_go(kept)
        raise
    if len(kept) < KEPT_AT_HAND:
        kept.append(connection)
    else:
        connection.close()
    return found


def _fetch_within(writing: db.Writing, text: str, given: Any, how: Mapping[str, bool]) -> Sequence[Any]:
    """Every row as the open transaction sees it, with what it has changed."""
    writing.flush()
    cursor = writing.driver.cursor()
    cursor.execute(text, given, **how)
    found = cursor.fetchall()
    cursor.close()
    return found


def put_back() -> None:
    """Give every connection at hand back to its pool, for whoever wants to see each question asked."""
    for kept in list(_at_hand.values()):
        while kept:
            kept.pop().close()


def _let_go(kept: list[PoolProxiedConnection]) -> None:
    while kept:
        kept.pop().invalidate()


def _converted(found: Sequence[Any], converts: Mapping[int, Convert]) -> list[Any]:
    cells = list(found)
    for n, convert in converts.items():
        cells[n] = convert(cells[n])
    return cells
