"""The flask command: keys, groups, imports, upkeep, backups, the doctor."""

import os
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


def is_one() -> bool:
    """Whether this process is a command. It does what it was asked for and nothing by itself beside it: what is due in a
    database that comes back from a backup is old, and whoever got a mail or a call then would get it again."""
    return os.environ.get("FLASK_RUN_FROM_CLI") == "true"


def makes_keys() -> bool:
    """Whether this process was started to make the keyring, or only to print help or migrate: it may be missing then."""
    words = [w for w in sys.argv[1:] if not w.startswith("-")]
    return words[:2] == ["keys", "init"] or words[:1] == ["db"] or not words
