"""R2: PostgreSQL is killed under people who post. They keep their words, and it goes on by itself when it is back."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import wsgi
from forum.base import keyring
from forum.base.db import db
from tests import services
from tests.conftest import forget, migrate, settings_in
from tests.exercised import need
from tests.faults import checker
from tests.faults.conftest import RealClock, environment_of, now_live
from tests.faults.site import Browser, Site, get, kept_words
from tests.faults.writers import all_sent, settle_in, write_until
from tests.services import postgresql
from tests.world import World, conversation_url

pytestmark = [pytest.mark.faults, pytest.mark.postgres]

#: security.md R2: everything is taken again this soon after the database is back.
BACK_WITHIN_S = 5
AWAY_S = 1.5
GOES_ON_S = 3


@pytest.fixture(scope="module")
def own_postgres(pytestconfig: pytest.Config) -> services.Postgres:
    """A PostgreSQL for this file alone: the run's own is in use by others and must not die."""
    need(pytestconfig, services.postgres(), "PostgreSQL")
    return postgresql.another_postgres("postgres-to-kill")


@pytest.fixture
def apart(own_postgres: services.Postgres, ring: keyring.Keyring, tmp_path: Path) -> Iterator[tuple[Flask, str]]:
    """The program of this process over the PostgreSQL that will die, to make a world and to look at the rows."""
    url = own_postgres.create_database(f"forum_{tmp_path.name}".replace("-", "_"))
    migrate(url, tmp_path / "migrating")
    app = wsgi.create_app(settings_in(tmp_path, url, ring))
    forget(ring)
    yield app, url
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    forget(ring)


@pytest.fixture
def away_world(apart: tuple[Flask, str], real_clock: RealClock) -> World:
    return World(apart[0], real_clock)


@pytest.fixture
def away_site(apart: tuple[Flask, str], tmp_path: Path) -> Iterator[Site]:
    app, url = apart
    site = Site(environment_of(app, url, tmp_path), tmp_path / "server.log")
    yield site
    site.kill9()


def test_r2_words_stay_while_postgresql_is_away_and_go_out_after(
    away_world: World, away_site: Site, own_postgres: services.Postgres
) -> None:
    writers = settle_in(away_world, away_site.url)
    now_live(away_world)
    away_site.start()
    before = away_site.process
    stop = threading.Event()
    threads = write_until(writers, stop)
    time.sleep(1)

    own_postgres.kill9()
    time.sleep(0.2)
    away = _post_and_read(writers[0].browser, writers[0].topic, "Words that\nmust <not> be lost.")
    time.sleep(AWAY_S)
    own_postgres.restart()
    back = time.monotonic()
    time.sleep(BACK_WITHIN_S)
    refused_until_then = [len(w.refusals) for w in writers]
    time.sleep(GOES_ON_S)
    stop.set()
    for thread in threads:
        thread.join(40)

    assert away == (503, "Words that\nmust <not> be lost.", True)
    assert any(refused_until_then), "nobody posted while it was away; this test saw nothing"
    assert [len(w.refusals) for w in writers] == refused_until_then, "refused more than 5 s after it was back"
    assert all(w.latest_ok > back + BACK_WITHIN_S for w in writers)
    assert set().union(*(w.refusals for w in writers)) == {503}
    assert away_site.process is before
    assert away_site.alive
    for writer in writers:
        writer.retry()
    away_site.kill9()
    with away_world.app.app_context():
        assert checker.problems(all_sent(writers)) == []
    assert [form for writer in writers for form in writer.open_forms()] == []


def _post_and_read(browser: Browser, topic: bytes, words: str) -> tuple[int, str, bool]:
    answer = browser.send(f"{conversation_url(topic)}/posts", {"body": words, "token": "only-once"})
    return answer.status, kept_words(answer.text), int(answer.headers.get("retry-after", 0)) > 0


@pytest.mark.parametrize("page", ["/help", "/healthz"])
def test_r2_help_is_there_while_postgresql_is_away(away_site: Site, own_postgres: services.Postgres, page: str) -> None:
    away_site.start()
    own_postgres.kill9()
    try:
        answer = get(away_site.url, page)
    finally:
        own_postgres.restart()
    assert answer.status == 200
