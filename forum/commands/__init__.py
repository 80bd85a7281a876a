"""The flask command: keys, groups, imports, upkeep, backups, the doctor."""

import sys

from flask import Flask

from forum.commands import admin, backup, groups, imports, keys, search, upkeep


def register(app: Flask) -> None:
    """Add the commands."""
    for command in (
        keys.keys,
        admin.admin,
        groups.group,
        imports.bring_in,
        search.looking,
        backup.backup,
        backup.restore,
        upkeep.keeping,
        upkeep.run_jobs,
        upkeep.doctor,
    ):
        app.cli.add_command(command)


def makes_keys() -> bool:
    """Whether this process was started to make the keyring, or only to print help or migrate: it may be missing then."""
    words = [w for w in sys.argv[1:] if not w.startswith("-")]
    return words[:2] == ["keys", "init"] or words[:1] == ["db"] or not words
