"""A backup in somebody else's hands: without the private key, which is never on the machine, it says nothing."""

import sqlite3
from pathlib import Path

import pytest

from forum.base import backups
from forum.base.backups import BackupError
from tests.conftest import Database
from tests.world import World

CANARY = "canary-in-the-night"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sec_s29_a_backup_opens_with_the_key_that_is_elsewhere_and_with_no_other(
    world: World, database: Database, tmp_path: Path
) -> None:
    world.topic(world.person(world.group(), name="Marsh Wren"), CANARY, f"The {CANARY}.")
    safe, other = tmp_path / "in-the-safe", tmp_path / "another"
    public = backups.make_pair(safe)
    backups.make_pair(other)
    with world.app.app_context():
        made = backups.make(database.url, tmp_path / "kept", public, "0007")
        assert [file.name for file in made.parent.iterdir()] == [made.name], "no open copy is left beside it"
        for secret in (CANARY, "Marsh Wren", "SQLite format"):
            assert secret.encode() not in made.read_bytes()
        with pytest.raises(BackupError, match="another key"), backups.opened(made, other, tmp_path / "opening"):
            pass
        for file, key in ((tmp_path / "no-such-file", safe), (made, tmp_path / "no-such-key")):
            with pytest.raises(BackupError, match="There is no file"), backups.opened(file, key, tmp_path / "opening"):
                pass
        with backups.opened(made, safe, tmp_path / "opening") as (manifest, copy):
            assert manifest.rows["post"] == 1
            reading = sqlite3.connect(copy)
            assert reading.execute("SELECT count(*) FROM post WHERE body LIKE ?", (f"%{CANARY}%",)).fetchone() == (1,)
            reading.close()
    assert list((tmp_path / "opening").iterdir()) == [], "nor behind"
