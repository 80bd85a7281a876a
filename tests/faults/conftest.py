"""A server to kill, over the database of the test, and people with real cookies and a real clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from forum.base import clock, jobs
from tests.conftest import Database
from tests.faults.site import Site
from tests.world import World


class RealClock:
    """The machine's time, as the child has it; it can be set back while the world is made."""

    def __init__(self) -> None:
        self.behind = timedelta()

    @property
    def at(self) -> datetime:
        """This instant."""
        return datetime.now(UTC) - self.behind

    def __call__(self) -> datetime:
        return self.at

    def go(self, **delta: float) -> datetime:
        """Let time pass, as far as it was set back."""
        self.behind = max(timedelta(), self.behind - timedelta(**delta))
        return self.at


@pytest.fixture
def real_clock(moment: object) -> RealClock:
    """The child's clock cannot be held, so this process uses the same one; an hour behind while the world is made."""
    real = RealClock()
    real.behind = timedelta(hours=1)
    clock.use(real)
    return real


@pytest.fixture
def people(app: Flask, real_clock: RealClock) -> World:
    """The test's world on the machine's clock."""
    return World(app, real_clock)


def now_live(world: World) -> None:
    """The world is made: publish what is due and catch up with the child's clock."""
    world.moment.go(hours=2)
    with world.app.app_context():
        jobs.run_due(1000)


def environment_of(app: Flask, url: str, folder: Path) -> dict[str, str]:
    """What a child needs to serve the database at `url` with the keyring of `app`."""
    settings = app.extensions["settings"]
    return {
        "DATABASE_URL": url,
        "FORUM_KEYRING_FILE": str(settings.keyring_file),
        "FORUM_VAR": str(folder),
        "FORUM_DEMO": "1",
        "PYTHONFAULTHANDLER": "1",
    }


@pytest.fixture
def site(app: Flask, database: Database, tmp_path: Path) -> Iterator[Site]:
    """A server that is not started yet. Whatever is left of it at the end is killed."""
    server = Site(environment_of(app, database.url, tmp_path), tmp_path / "server.log")
    yield server
    server.kill9()
