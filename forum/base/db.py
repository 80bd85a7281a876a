"""The database: one engine that writes in transactions, one that only reads and never opens any.

SQLite is the embedded default, PostgreSQL the other; nothing outside this module, the migrations and search may know which.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    Executable,
    LargeBinary,
    MetaData,
    RootTransaction,
    Row,
    event,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from forum.base import reserve
from forum.base.config import Settings

#: A named constraint can be dropped by a later migration on either database.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
#: SQLite's own wait stops every greenlet (1,012 ms measured for a busy_timeout of 1,000): keep it below what a reader feels.
BUSY_TIMEOUT_MS = 50


class Base(DeclarativeBase):
    """The base of every model: plain declarative, no dataclasses."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


class Writing:
    """An open transaction: its connection, and a session over it for steps that want one.

    A message in a live room wants none, and to make one, begin with it and end it takes longer than its four writes.
    """

    __slots__ = ("_session", "begun", "driver", "wire")

    def __init__(self, wire: Connection, begun: RootTransaction) -> None:
        self.wire, self.begun = wire, begun
        #: The driver's own connection: to ask for it takes longer than a small statement.
        self.driver: Any = wire.connection.driver_connection
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """It writes in this transaction and cannot end it well; who gives it up gives up everything."""
        if self._session is None:
            self._session = Session(self.wire, join_transaction_mode="rollback_only")
        return self._session

    def flush(self) -> None:
        """Send what was changed of the session's objects."""
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        """Let go of session and connection."""
        if self._session is not None:
            self._session.close()
        self.wire.close()


#: The transaction that this greenlet is in, set only by `forum.base.transaction`.
writer: ContextVar[Writing | None] = ContextVar("writer", default=None)

#: The engine that reads, where no application context says which (see `reading_from`).
_reader: ContextVar[Engine | None] = ContextVar("reader", default=None)

Ident = LargeBinary(16)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Aware in the program, UTC in the database; a naive one is a mistake and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC for the database."""
        if value is not None and value.tzinfo is None:
            raise ValueError("A time without a zone: take it from forum.base.clock.")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, as PostgreSQL gives it."""
        return value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """SQLite keeps text without a zone; read here in one step, for a board's page has forty of them."""
        return _read_sqlite_time if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _read_sqlite_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(f"{text}+00:00") if text is not None else None


def init_db(app: Flask, settings: Settings) -> None:
    """Bind both engines to `app`."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    # An exception of the database quotes its statement; without this it would quote what somebody wrote as well.
    quiet = {"hide_parameters": True}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = quiet | (
        {} if settings.sqlite else {"pool_pre_ping": True, "pool_size": 10}
    )
    app.config["SQLALCHEMY_BINDS"] = {
        "read": {
            "url": settings.database_url,
            "hide_parameters": True,
            "isolation_level": "AUTOCOMMIT",
            "pool_reset_on_return": None,
            "skip_autocommit_rollback": True,
            "pool_size": 20,
        }
    }
    db.init_app(app)
    reserve.use(_folder_of(settings.database_url) if settings.sqlite else None)
    if settings.sqlite:
        settings.var.mkdir(parents=True, exist_ok=True)
        with app.app_context():
            event.listen(db.engine, "connect", _prepare_sqlite)
            event.listen(db.engine, "begin", _begin_immediate)
            event.listen(db.engines["read"], "connect", _prepare_sqlite)


def _folder_of(database_url: str) -> Path:
    return Path(make_url(database_url).database or "").resolve().parent


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    """What is posted is kept, power loss included (synchronous=FULL); what is erased is gone (secure_delete)."""
    connection.isolation_level = None
    connection.text_factory = _readable
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",
        "secure_delete=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


#: A byte that is no letter, from a bad disk, shows as � where it is, and not as a page that fails for everybody.
_readable = partial(str, encoding="utf-8", errors="replace")


def _begin_immediate(connection: Connection) -> None:
    """Take the write lock at once: reading first and writing later is refused under load (283 of 400 measured)."""
    begin = "BEGIN IMMEDIATE"
    cursor = connection.connection.cursor()
    try:
        cursor.execute(begin)
    except sqlite3.OperationalError as error:
        raise OperationalError(begin, None, error) from error
    finally:
        cursor.close()


def rows(statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
    """Run a reading statement: inside a transaction in it, else on the engine that only reads."""
    writing = writer.get()
    if writing is not None:
        return writing.session.execute(statement, values or {}).all()
    try:
        return _read(statement, values)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return _read(statement, values)  # the database was restarted; the pool has thrown its old connections away


def read_engine() -> Engine:
    """The engine that only reads, of the application at work."""
    return _reader.get() or db.engines["read"]


@contextmanager
def reading_from(engine: Engine) -> Iterator[None]:
    """Read from `engine` without an application context, which costs more than a page's own work."""
    token = _reader.set(engine)
    try:
        yield
    finally:
        _reader.reset(token)


def _read(statement: Executable, values: Mapping[str, Any] | None) -> Sequence[Row[Any]]:
    with read_engine().connect() as connection:
        return connection.execute(statement, values or {}).all()


def row(statement: Executable, values: Mapping[str, Any] | None = None) -> Row[Any] | None:
    """The first row of `rows`, or None."""
    found = rows(statement, values)
    return found[0] if found else None


def lay_in_key_order() -> None:
    """Write every table anew in the order of its keys, so that a copy of it does not tell what was written after what.

    PostgreSQL keeps rows in the order of writing, also in a dump, until it is told otherwise; writers of a table wait
    a moment meanwhile. SQLite's tables lie so from the start; there the journal is emptied.
    """
    empty_journal()
    with db.engines["read"].connect() as connection:
        if connection.dialect.name == "sqlite":
            return
        quote = connection.dialect.identifier_preparer.quote
        for table in db.metadata.sorted_tables:
            connection.exec_driver_sql(f"CLUSTER {quote(table.name)} USING {quote(str(table.primary_key.name))}")


def empty_journal() -> None:
    """Put what SQLite's journal holds into the tables and leave it empty; nothing on PostgreSQL.

    The journal holds the last pages commit by commit, and so who wrote right after whom. Left alone it keeps a thousand
    pages, which in a quiet group is a week.
    """
    with db.engines["read"].connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()
