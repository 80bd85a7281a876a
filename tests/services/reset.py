"""Bringing a test's database back to what it was, with the commits of the test being real ones.

Measured on 2 cores with 30 tables of 5 columns, 4 indexes each, 8 of them written by the test (median, ms):
  PostgreSQL: DELETE from the tables that have rows 2.4 · TRUNCATE of those 17 · of all 22 · DROP and CREATE
  DATABASE … TEMPLATE 29.  SQLite: backup from memory 0.9 · from the file 1.1 · drop and create the tables 44.
"""

import atexit
import functools
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from tests.services.postgresql import Postgres


@dataclass
class PostgresTemplate:
    """A migrated database to copy from. ``url`` is one copy, for the tests that share it and reset it between."""

    pg: Postgres
    name: str
    url: str
    _copies: int = 0

    def copy(self) -> str:
        """A database of its own, 30 to 60 ms: for tests that run several servers, or change the schema."""
        self._copies += 1
        return self.pg.create_database(f"{self.name}_{self._copies}", self.name)

    def drop(self, url: str) -> None:
        self.pg.drop_database(url.rsplit("/", 1)[1])


def postgres_template(pg: Postgres, migrate: Callable[[str], None], name: str = "forum_template") -> PostgresTemplate:
    """Create a database, let ``migrate(url)`` fill it once, and return it as a template with one working copy.

    Between tests call ``reset_postgres(engine)`` on the working copy.

    :param migrate: brings the database at ``url`` to the newest schema and closes its connections.
    """
    url = pg.create_database(name)
    migrate(url)
    _keep_pristine(url)
    return PostgresTemplate(pg, name, pg.create_database(f"{name}_work", name))


@dataclass
class _Reset:
    """How to bring one database back: which tables differ from the template, and what to do about each."""

    find_used: str
    remedies: dict[str, str]


_resets: dict[str, _Reset] = {}


def reset_postgres(engine: sa.Engine) -> None:
    """Bring every table back to the rows its template had. Commits for real; 2 to 3 ms.

    For databases made by ``postgres_template``. Triggers are off meanwhile, so that append-only tables
    can be emptied too. A test that left a transaction open is told so after five seconds instead of hanging.
    """
    with engine.connect() as connection, connection.begin():
        run = connection.exec_driver_sql
        run("SET LOCAL session_replication_role = replica")
        run("SET LOCAL lock_timeout = '5s'")
        reset = _resets.get(str(engine.url)) or _resets.setdefault(str(engine.url), _reset_for(connection))
        used = [row[0] for row in run(reset.find_used)]
        if used:
            run(";".join(reset.remedies[name] for name in used))


def _keep_pristine(url: str) -> None:
    """Copy the rows that migrations wrote into a schema ``pristine`` of the template."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        run = connection.exec_driver_sql
        quote = connection.dialect.identifier_preparer.quote
        run("CREATE SCHEMA pristine")
        for table in _names(connection, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"):
            if run(f"SELECT EXISTS (SELECT 1 FROM {quote(table)})").scalar():
                run(f"CREATE TABLE pristine.{quote(table)} AS SELECT * FROM {quote(table)}")
    engine.dispose()


def _reset_for(connection: sa.Connection) -> _Reset:
    quote = connection.dialect.identifier_preparer.quote
    kept = set(_names(connection, "SELECT tablename FROM pg_tables WHERE schemaname = 'pristine'"))
    remedies, probes = {}, []
    for table in _names(connection, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"):
        name = quote(table)
        remedies[table] = f"DELETE FROM {name}"
        probe = f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name})"
        if table in kept:  # rows from a migration are put back each time, changed or not
            probe = f"SELECT '{table}'"
            columns = ", ".join(quote(c) for c in _stored_columns(connection, table))
            remedies[table] += (
                f"; INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM pristine.{name}"
            )
        probes.append(probe)
    for sequence in _names(connection, "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"):
        remedies[f"sequence {sequence}"] = f"ALTER SEQUENCE {quote(sequence)} RESTART"
        probes.append(f"SELECT 'sequence {sequence}' FROM {quote(sequence)} WHERE is_called")
    return _Reset(" UNION ALL ".join(probes) or "SELECT 1 WHERE false", remedies)


def _names(connection: sa.Connection, query: str) -> list[str]:
    return [str(name) for name in connection.exec_driver_sql(query).scalars()]


def _stored_columns(connection: sa.Connection, table: str) -> list[str]:
    """Columns a row can be given; generated ones (the search vector) fill themselves."""
    query = sa.text(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = :table"
        " AND is_generated = 'NEVER' ORDER BY ordinal_position"
    )
    return list(connection.execute(query, {"table": table}).scalars())


@functools.cache
def _sqlite_template(path: str) -> sqlite3.Connection:
    """The template in memory: reading it from the file again for each test doubled the time."""
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    with sqlite3.connect(path) as original:
        original.backup(copy)
    original.close()
    atexit.register(copy.close)
    return copy


def reset_sqlite(template_path: str | Path, path: str | Path) -> None:
    """Make the database at ``path`` equal the migrated one at ``template_path``, under open connections too.

    :raises sqlite3.OperationalError: a test left a transaction open ("database is locked").
    """
    target = sqlite3.connect(path, timeout=5)
    try:
        target.execute(
            "PRAGMA synchronous = OFF"
        )  # this connection only: nobody needs a test's reset after a power cut
        _sqlite_template(str(template_path)).backup(target)
    finally:
        target.close()
