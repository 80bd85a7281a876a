"""SQLite's journal says who wrote right after whom, so it is emptied every minute (docs/decisions/0002)."""

from pathlib import Path

from forum.base.db import db
from forum.live import ticker
from tests.world import World


def journal_of(world: World) -> int:
    """Its bytes; 0 on PostgreSQL, which has none that lies beside the tables."""
    if db.engine.dialect.name != "sqlite":
        return 0
    return Path(f"{db.engine.url.database}-wal").stat().st_size


def test_l24_the_journal_is_empty_each_minute(world: World) -> None:
    author = world.person(world.group())
    with world.app.app_context():
        world.topic(author)
        ticker.tick(ticker.EMPTY_EVERY_S - 1)
        assert journal_of(world) > 0 or db.engine.dialect.name != "sqlite"
        ticker.tick(ticker.EMPTY_EVERY_S)
        assert journal_of(world) == 0
    assert author.get("/").status_code == 200
