"""The erasure ledger: what was erased, so that a restored backup can erase it again (decisions.md §6).

A file outside the database and its backups: ids and dates, nothing else.
"""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from forum.base import clock
from forum.base.idents import read_ident, write_ident

_path: Path | None = None
_turn = threading.Lock()


def use(path: Path) -> None:
    """Write to `path` from now on."""
    global _path
    _path = path


def note(table: str, ident: bytes) -> None:
    """One row of `table` is gone for good."""
    if _path is None:
        raise RuntimeError("No erasure ledger: the program was not started through wsgi.py or the flask command.")
    line = json.dumps({"table": table, "id": write_ident(ident), "day": clock.today().isoformat()})
    with _turn, open(os.open(_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def noted() -> Iterator[tuple[str, bytes]]:
    """Everything ever erased: table and id."""
    if _path is None or not _path.exists():
        return
    with _path.open() as file:
        for line in file:
            entry = json.loads(line)
            ident = read_ident(entry["id"])
            if ident is not None:
                yield entry["table"], ident
