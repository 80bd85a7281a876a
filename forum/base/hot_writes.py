"""Writing statements that come with every message, compiled once.

SQLAlchemy takes 80 to 100 µs for an insert of one row, of which SQLite works 10 (measured); sent from here it takes a
third of that. The statement is still written, and its values and columns still converted, by SQLAlchemy. What it would do
beside that (defaults, lists of values) it does itself, and whoever listens to it hears each statement.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Update
from sqlalchemy.exc import DBAPIError, NoResultFound

from forum.base.db import Writing
from forum.base.hot import Convert, sending


@dataclass(frozen=True, slots=True)
class Written:
    """What a statement gave back with RETURNING; nothing without."""

    rows: Sequence[Sequence[Any]]

    def first(self) -> Sequence[Any] | None:
        """The first row, or None where nothing was changed."""
        return self.rows[0] if self.rows else None

    def scalar_one(self) -> Any:
        """The one value of the one row. :raises NoResultFound: there is none."""
        if not self.rows:
            raise NoResultFound("Nothing was changed.")
        return self.rows[0][0]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement in one database's words; as `forum.base.hot` keeps them.

    :param convert: each value by its name, in the order of the places where these have no names.
    """

    text: str
    in_order: bool
    convert: Sequence[tuple[str, Callable[[Any], Any] | None]]
    constants: Mapping[str, Any]
    columns: Sequence[Convert | None]

    def values(self, given: Mapping[str, Any]) -> Any:
        """As the driver takes them."""
        known = {**self.constants, **given}
        if self.in_order:
            return [known[name] if convert is None else convert(known[name]) for name, convert in self.convert]
        return {name: known[name] if convert is None else convert(known[name]) for name, convert in self.convert}

    def read(self, found: Sequence[Sequence[Any]]) -> Written:
        """Rows with SQLAlchemy's types."""
        return Written([tuple(c(v) if c else v for c, v in zip(self.columns, row, strict=True)) for row in found])


#: By statement, names of values and database. The statements are made once and live as long as the program.
_compiled: dict[tuple[Insert | Update, tuple[str, ...], str], _Compiled | None] = {}


def send(writing: Writing, statement: Insert | Update, values: Mapping[str, Any]) -> Written:
    """Run `statement` in an open transaction.

    :raises DBAPIError: as SQLAlchemy raises it.
    """
    wire = writing.wire
    made = _made(statement, tuple(values), wire.dialect)
    if made is None or wire.engine.dispatch.before_cursor_execute:
        done = wire.execute(statement, values)
        return Written(done.all() if done.returns_rows else ())
    cursor = writing.driver.cursor()
    try:
        cursor.execute(made.text, made.values(values))
        found = cursor.fetchall() if made.columns else ()
    except wire.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_says(error, wire, made.text) from error
    finally:
        cursor.close()
    return made.read(found)


def _as_sqlalchemy_says(error: Exception, wire: Connection, text: str) -> BaseException:
    """With nothing of what somebody wrote in it, and saying if the connection is lost."""
    dialect = wire.dialect
    lost = dialect.is_disconnect(error, wire.connection, None)  # type: ignore[arg-type]
    base = dialect.loaded_dbapi.Error
    return DBAPIError.instance(text, None, error, base, True, lost, dialect)


def _made(statement: Insert | Update, names: tuple[str, ...], dialect: Dialect) -> _Compiled | None:
    key = (statement, names, dialect.name)
    try:
        return _compiled[key]
    except KeyError:
        made = _compiled[key] = _compile(statement, names, dialect)
        return made


def _compile(statement: Insert | Update, names: tuple[str, ...], dialect: Dialect) -> _Compiled | None:
    """None for one that only SQLAlchemy can send."""
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
    if compiled.insert_prefetch or compiled.update_prefetch or "POSTCOMPILE" in compiled.string:
        return None
    order = compiled.positiontup
    constants = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
    convert = {name: sending(bind.type, dialect) for bind, name in compiled.bind_names.items()}
    given_back = statement.exported_columns
    reads = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in given_back]
    pairs = [(name, convert[name]) for name in (convert if order is None else order)]
    return _Compiled(compiled.string, order is not None, pairs, constants, reads)
