"""J9, its other half: who deleted their sign-in stays gone when a backup from before is put back."""

from pathlib import Path

import pytest

from forum.base import backups, erasures, keyring
from forum.commands.backup import go_on
from tests.conftest import Database
from tests.forum.leaving.test_account import CANARY, _found, delete, pass_days, words_of, write_everywhere
from tests.migrations import carried
from tests.world import World


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_j9_the_canary_stays_gone_when_yesterdays_backup_is_put_back(
    world: World, database: Database, ring: keyring.Keyring, tmp_path: Path
) -> None:
    group = world.group()
    wren, heron = world.person(group, name="Mossy Heron"), world.person(group)
    words_of(wren)
    write_everywhere(world, wren, heron)
    public = backups.make_pair(tmp_path / "private")
    with world.app.app_context():
        made = backups.make(database.url, tmp_path / "kept", public, "newest")
    delete(wren, hidden="now")
    pass_days(world, 26)
    ledger = world.app.extensions["settings"].erasure_ledger
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with world.app.app_context(), backups.opened(made, tmp_path / "private", tmp_path) as (manifest, copy):
        backups.put_back(url, manifest, copy)
    restored = carried.program(url, tmp_path)
    try:
        keyring.use(ring)
        erasures.use(ledger)
        with restored.app_context():
            assert _found(CANARY), "it came back with the backup"
            go_on()
            assert _found(CANARY) == []
            assert _found("Mossy") == []
    finally:
        carried.close(restored)
