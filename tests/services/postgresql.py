"""A PostgreSQL server for the tests."""

import functools
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.services.child import (
    START_SECONDS,
    Child,
    ServiceFailed,
    free_port,
    new_folder,
    processes_in,
    run_as,
    running,
    without,
)


def _postgres_bin() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[4]))
    on_path = shutil.which("postgres")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@dataclass
class Postgres:
    """A PostgreSQL server of our own. ``url`` names its empty database ``forum``, in SQLAlchemy's spelling."""

    url: str
    port: int
    child: Child
    _carried: int = 0

    def admin(self) -> psycopg.Connection[tuple[object, ...]]:
        """A superuser connection to the database ``postgres``, committing each statement."""
        return psycopg.connect(host="127.0.0.1", port=self.port, user="forum", dbname="postgres", autocommit=True)

    def url_of(self, database: str) -> str:
        return f"postgresql+psycopg://forum@127.0.0.1:{self.port}/{database}"

    def kill9(self) -> None:
        """Stop it as a power cut would; what was committed is still there after ``restart``."""
        self._carried += self._connections_now()  # crash recovery throws the server's statistics away
        self.child.kill9()
        self._wait_for_orphans()

    def _wait_for_orphans(self) -> None:
        """Let the dead server's own children notice, a moment later: while they hold its memory no new one starts."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and processes_in(self.child.log.parent / "data"):
            time.sleep(0.01)

    def restart(self) -> None:
        """Start it again after ``kill9``, or stop and start it."""
        self.child.stop()
        _start_postgres(self)

    def query_count(self) -> int:
        """Statements the server has run since it started; transaction control, DDL and this class's own left out.

        The last statement of an open transaction is counted when the next one comes, or the transaction ends.
        """
        return _number(self, "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_%'")

    def connections_served(self) -> int:
        """Sessions to the tests' databases, by the server's own count; only ended ones are certain to be in it."""
        return self._carried + self._connections_now()

    def _connections_now(self) -> int:
        return _number(self, "SELECT coalesce(sum(sessions), 0) FROM pg_stat_database WHERE datname LIKE 'forum%'")

    def create_database(self, name: str, template: str = "template1") -> str:
        """Create the database, a copy of ``template``, and return its URL.

        :param name: only sessions to names beginning with ``forum`` are counted as exercise of the program.
        """
        with self.admin() as admin:
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        with self.admin() as admin:
            row = admin.execute("SELECT sessions FROM pg_stat_database WHERE datname = %s", [name]).fetchone()
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._carried += int(str(row[0])) if row else 0


def _number(pg: Postgres, query: str) -> int:
    with pg.admin() as admin:
        row = admin.execute(query).fetchone()
    return int(str(row[0])) if row else 0


def _start_postgres(pg: Postgres) -> None:
    pg.child.start(lambda: pg.admin().close())


@functools.cache
def postgres() -> Postgres | None:
    """The run's PostgreSQL server, or None with the reason in ``missing["PostgreSQL"]``."""
    if _postgres_bin() is None:
        without("PostgreSQL", "no postgres program; scripts/services.sh installs it")
        return None
    return another_postgres("postgres")


def another_postgres(name: str) -> Postgres:
    """A PostgreSQL server apart from the run's own, to kill while others use that one.

    :param name: of its folder, once a run.
    """
    programs = _postgres_bin()
    if programs is None:
        raise ServiceFailed("no postgres program; scripts/services.sh installs it")
    folder = new_folder(name)
    port = free_port()
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": folder,
        # Killing the server loses nothing with fsync off (the kernel keeps the pages); only a power cut would.
        "fsync": "off",
        "full_page_writes": "off",
        "shared_buffers": "64MB",
        "max_connections": 200,
        "shared_preload_libraries": "pg_stat_statements",
        "pg_stat_statements.max": 20000,
        "pg_stat_statements.track_utility": "off",
        "timezone": "UTC",
    }
    argv = [str(programs / "postgres"), "-D", str(folder / "data")]
    for key, value in options.items():
        argv += ["-c", f"{key}={value}"]
    # SIGINT is PostgreSQL's fast shutdown: sessions are ended, files are left clean.
    child = Child("PostgreSQL", argv, folder / "log", signal.SIGINT)
    pg = Postgres(f"postgresql+psycopg://forum@127.0.0.1:{port}/forum", port, child)
    initdb = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "forum", "-A", "trust", "--no-sync"]
    initdb += ["-E", "UTF8", "--locale=C.UTF-8"]
    done = subprocess.run(initdb, capture_output=True, text=True, cwd=folder, check=False, **run_as())
    if done.returncode:
        raise ServiceFailed(f"initdb: {done.stderr[-2000:]}")
    _start_postgres(pg)
    running(child)
    with pg.admin() as admin:
        admin.execute("CREATE EXTENSION pg_stat_statements")
    pg.create_database("forum")
    return pg
