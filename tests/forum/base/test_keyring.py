"""The keyring as a file, and what a rotation asks of its owner."""

from pathlib import Path

from forum.base import keyring
from forum.base.keyring import Purpose


def test_a_rotation_makes_the_copy_in_the_safe_out_of_date(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    keyring.save(keyring.marked_exported(keyring.fresh()), path)
    assert keyring.load(path).exported_on

    keyring.save(keyring.load(path).rotated(Purpose.SEAL), path)
    assert keyring.load(path).exported_on is None  # `flask doctor` asks for a new copy

    keyring.save(keyring.marked_exported(keyring.load(path)), path)
    keyring.save(keyring.load(path).finished(), path)
    assert keyring.load(path).exported_on  # retiring makes no key
