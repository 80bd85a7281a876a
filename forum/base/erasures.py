"""The erasure ledger: what was erased, so that a restored backup can erase it again (decisions.md §6).

A file outside the database and its backups: ids and dates, nothing else.
"""

import json
import os
import threading
from collections.abc import Callable, Iterator
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
    """One row of `table` is gone for good, or out of sight until its owner thinks better of it."""
    _write({"table": table, "id": write_ident(ident)})


def note_back(table: str, ident: bytes) -> None:
    """Its owner thought better of it: what was noted about this row does not count any more."""
    _write({"table": table, "id": write_ident(ident), "back": True})


def _write(entry: dict[str, str | bool]) -> None:
    if _path is None:
        raise RuntimeError("No erasure ledger: the program was not started through wsgi.py or the flask command.")
    line = json.dumps({**entry, "day": clock.today().isoformat()})
    with _turn, open(os.open(_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def noted() -> Iterator[tuple[str, bytes]]:
    """Everything that is erased: table and id. What came back meanwhile is left out."""
    if _path is None or not _path.exists():
        return
    erased: dict[tuple[str, bytes], None] = {}
    with _path.open() as file:
        for line in file:
            entry = json.loads(line)
            ident = read_ident(entry["id"])
            if ident is None:
                continue
            if entry.get("back"):
                erased.pop((entry["table"], ident), None)
            else:
                erased[entry["table"], ident] = None
    yield from erased


#: What erases one row again after a restore; whether there was anything to erase.
Replay = Callable[[bytes], bool]
_replays: dict[str, Replay] = {}


def on_replay(table: str, replay: Replay) -> None:
    """Have `replay` erase rows of `table` again, each in a transaction of its own."""
    _replays[table] = replay


def replay_of(table: str) -> Replay | None:
    """The step that erases rows of this table again."""
    return _replays.get(table)
