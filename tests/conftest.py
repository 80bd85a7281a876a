"""Fixtures that every test may use: the program on a real database, a clock that the test holds, and its people.

Each test that asks for `world` (or `app`) runs once on SQLite and once on PostgreSQL, with real commits; the database
is brought back between tests. `live` is the program behind a real server on a free port.
"""

import math
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import flask_migrate
import pytest
from flask import Flask
from werkzeug.serving import make_server

import wsgi
from forum.accounts import slowing
from forum.base import clock, hashing, keyring
from forum.base.config import Settings
from forum.base.db import db
from forum.conversations import entrance, fragments
from forum.groups import crowds, invitations, reading
from forum.policy import gate
from forum.web import access_log, overload
from moderation.gate import ModerationGate
from tests import services
from tests.world import World

pytest_plugins = ["tests.exercised", "tests.browser.fixtures"]

#: A Monday, at two in the morning in London: when this place is needed most.
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
#: Far too cheap for anything but a test.
INSECURE_BUT_FAST = hashing.Cost(passes=1, memory_kib=8)


#: What starts another process, or a server in another thread.
BESIDE = {"house", "live", "browser"}
#: The name of a test that holds a numbered goal (scripts/coverage.py).
OF_A_GOAL = re.compile(r"::test_(?:sec_s|never_|sg|[lrxjmc])\d+_")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Half an hour is what the whole run may take: what would take it twice is done once, and the other half at night."""
    met: set[str] = set()
    for item in items:
        if _runs_beside_others(item):
            item.add_marker(pytest.mark.flaky(reruns=1))
        callspec = getattr(item, "callspec", None)
        if callspec and "postgres" in callspec.params.values() and _is_for_the_night(item, met):
            item.add_marker(pytest.mark.nightly)


def _runs_beside_others(item: pytest.Item) -> bool:
    """Whether a real browser or server does something by itself while the test waits for it.

    On a busy machine it may be too late once: such a test is asked again, and the run's last lines say which ones were.
    What depends on no other process has one answer, and is asked once.
    """
    needs = getattr(item, "fixturenames", ())
    return any(map(item.get_closest_marker, ("browser", "faults"))) or not BESIDE.isdisjoint(needs)


def _is_for_the_night(item: pytest.Item, met: set[str]) -> bool:
    """What a page shows does not depend on the database; of the real servers that are killed, those marked `both` die on
    either one each time. What is asked of PostgreSQL each time is every goal, and of a goal with many cases one case.

    :param met: tests of which one case is asked each time already; the first one is added.
    """
    if item.get_closest_marker("browser") or item.get_closest_marker("pages"):
        return True
    if item.get_closest_marker("both") or item.get_closest_marker("postgres"):
        return False
    name = item.nodeid.partition("[")[0]
    if not OF_A_GOAL.search(name):
        return True
    again = name in met
    met.add(name)
    return again or item.get_closest_marker("faults") is not None


class Clock:
    """Time as the test says it is."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def go(self, **delta: float) -> datetime:
        """Let time pass: `clock_.go(minutes=5)`."""
        self.at += timedelta(**delta)
        return self.at


@pytest.fixture(autouse=True)
def moment() -> Iterator[Clock]:
    """The clock of this test. Nothing else moves it."""
    held = Clock()
    before = clock.use(held)
    yield held
    clock.use(before)


@pytest.fixture(autouse=True)
def nobody_is_a_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test asks for page after page, and the machine may be busy: nobody is told to wait (forum.web.overload)."""
    monkeypatch.setattr(overload, "LATE_S", math.inf)


@pytest.fixture
def cheap_hashing(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Stretching costs nothing here. Tests of its cost ask for `real_hashing`."""
    if "real_hashing" not in request.fixturenames:
        monkeypatch.setattr(hashing, "COST", INSECURE_BUT_FAST)


@pytest.fixture
def real_hashing() -> None:
    """Stretch at the real price."""


@dataclass(frozen=True)
class Database:
    """One of the two databases, migrated."""

    name: str
    url: str
    reset: Callable[[], None]


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, ring: keyring.Keyring
) -> Database:
    """Every test that needs a database runs on both."""
    if request.param == "sqlite":
        return _sqlite(tmp_path_factory.mktemp("sqlite"))
    return _postgres(tmp_path_factory.mktemp("postgres"), request.getfixturevalue("postgres_server"))


@pytest.fixture(scope="session")
def ring() -> keyring.Keyring:
    """The keyring of this run."""
    return keyring.fresh(demonstration=True)


def settings_in(folder: Path, url: str, ring: keyring.Keyring) -> Settings:
    """Settings for a program under test, with its keyring in a file."""
    keyring.save(ring, folder / "keyring.json")
    return Settings(
        database_url=url, keyring_file=folder / "keyring.json", var=folder, testing=True, ticker=False, pseudo=True
    )


def migrate(url: str, folder: Path) -> None:
    """Bring the database at `url` to the newest schema."""
    folder.mkdir(exist_ok=True)
    app = wsgi.create_app(settings_in(folder, url, keyring.fresh(demonstration=True)))
    with app.app_context():
        flask_migrate.upgrade(directory=str(wsgi.ROOT / "migrations"))
        for engine in db.engines.values():
            engine.dispose()


def _sqlite(folder: Path) -> Database:
    template, used = folder / "template.db", folder / "forum.db"
    migrate(f"sqlite:///{template}", folder / "migrating")
    services.reset_sqlite(template, used)
    return Database("sqlite", f"sqlite:///{used}", lambda: services.reset_sqlite(template, used))


#: A worker that helps another out comes back to PostgreSQL after a while on SQLite.
_on_postgres: list[Database] = []


def _postgres(folder: Path, server: services.Postgres) -> Database:
    if not _on_postgres:
        template = services.postgres_template(server, lambda url: migrate(url, folder / "migrating"))
        url = template.url.replace("postgresql://", "postgresql+psycopg://")
        _on_postgres.append(Database("postgres", url, _reset_postgres))
    return _on_postgres[0]


def _reset_postgres() -> None:
    services.reset_postgres(db.engine)


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[str]:
    """The harmless site that /leave ends at: another origin of this machine, for nothing outside may be asked."""
    with _serving(Flask("elsewhere", static_folder=None)) as url:
        yield url


@pytest.fixture(scope="session")
def program(
    database: Database, tmp_path_factory: pytest.TempPathFactory, ring: keyring.Keyring, elsewhere: str
) -> Iterator[Flask]:
    """The program, built once for each database."""
    settings = settings_in(tmp_path_factory.mktemp("var"), database.url, ring)
    app = wsgi.create_app(replace(settings, exit_url=elsewhere))
    app.testing = False  # errors become pages, as for everyone
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def app(program: Flask, database: Database, ring: keyring.Keyring, cheap_hashing: None) -> Iterator[Flask]:
    """The program over an empty database, with nothing remembered from the test before."""
    with program.app_context():
        database.reset()
    forget(ring)
    yield program
    forget(ring)


def forget(ring: keyring.Keyring) -> None:
    """What one process remembers belongs to one test."""
    keyring.use(ring)
    gate.plug(ModerationGate())
    entrance.forget_all()
    fragments.forget()
    slowing.tries = slowing.Slowing()
    crowds.joins = crowds.Crowd()
    invitations.guesses = invitations.Guesses()
    reading.forget()
    slowing.remarks = slowing.Slowing()
    access_log._waiting = None


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    """An application context, for tests that call use cases and queries directly."""
    with app.app_context():
        yield app


@pytest.fixture
def world(app: Flask, moment: Clock) -> World:
    """Groups and people, made through the real use cases."""
    return World(app, moment)


@dataclass(frozen=True)
class Live:
    """A server under test."""

    url: str
    app: Flask


@pytest.fixture
def live(app: Flask) -> Iterator[Live]:
    """The program behind a real server of this process, so that the test holds its clock."""
    with _serving(app) as url:
        yield Live(url, app)


def _closing(app: Flask) -> WSGIApplication:
    """The program, whose open files are closed even where this server forgets to: after a browser hung up on it."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        body = app(environ, start_response)
        try:
            yield from body
        finally:
            getattr(body, "close", lambda: None)()

    return answer


@contextmanager
def _serving(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, _closing(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
