"""What a thief of backups gets each night, with weaknesses planted on request to show that an attack would find them."""

import logging
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from forum.base import clock
from forum.base.db import db

#: A unique constraint on (author, form) to catch a form sent twice; how far each person read, readable; and the day on
#: which somebody answered new rules because they wanted to write.
PLANTS = {
    "author_token": (
        "CREATE TABLE author_token (persona_id {blob} NOT NULL, client_token TEXT NOT NULL, post_id BIGINT NOT NULL, "
        "UNIQUE (persona_id, client_token))"
    ),
    "plain_read_marker": (
        "CREATE TABLE plain_read_marker (persona_id {blob} NOT NULL, conversation_id {blob} NOT NULL, "
        "seq INTEGER NOT NULL, PRIMARY KEY (persona_id, conversation_id))"
    ),
    "answered_on": "CREATE TABLE answered_on (persona_id {blob} NOT NULL, day INTEGER NOT NULL, n INTEGER NOT NULL)",
}


class Known(Protocol):
    """What the story's teller knows."""

    tokens: list[tuple[bytes, str, int]]
    read: dict[tuple[bytes, bytes], int]
    answered: list[tuple[bytes, int]]


def copy_journal(folder: Path, night: int) -> None:
    """SQLite's journal as it lies beside the database before the upkeep: its pages stand commit by commit."""
    journal = Path(f"{db.engine.url.database}-wal")
    if db.engine.dialect.name == "sqlite" and journal.exists():
        shutil.copyfile(journal, folder / f"wal-{night:02}")


def dump(folder: Path, night: int, plants: Iterable[str], known: Known) -> None:
    """The backup as docs/operators.md makes it, and the planted tables in it."""
    planted = {plant: _planted(plant, known) for plant in plants}
    if db.engine.dialect.name == "sqlite":
        _dump_sqlite(folder / f"dump-{night:02}.db", planted)
    else:
        _dump_postgres(folder / f"dump-{night:02}.sql", planted)


def _planted(plant: str, known: Known) -> list[tuple[Any, ...]]:
    if plant == "author_token":
        return list(known.tokens)
    if plant == "answered_on":
        return [(persona, day, n) for n, (persona, day) in enumerate(known.answered)]
    return [(persona, conversation, seq) for (persona, conversation), seq in known.read.items()]


def _dump_sqlite(file: Path, planted: dict[str, list[tuple[Any, ...]]]) -> None:
    with db.engines["read"].connect() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(file),)).close()
    copy = sqlite3.connect(file)
    with copy:
        for plant, found in planted.items():
            copy.execute(PLANTS[plant].format(blob="BLOB"))
            copy.executemany(f"INSERT INTO {plant} VALUES (?, ?, ?)", found)
    copy.close()


def _dump_postgres(file: Path, planted: dict[str, list[tuple[Any, ...]]]) -> None:
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with file.open("w") as sql:
        subprocess.run([_pg_dump(), "--format=plain", "--no-owner", url], stdout=sql, check=True)
        for plant, found in planted.items():
            sql.write(PLANTS[plant].format(blob="BYTEA") + ";\n")
            sql.writelines(f"INSERT INTO {plant} VALUES ({', '.join(map(_literal, values))});\n" for values in found)


def _literal(value: Any) -> str:
    return f"'\\x{value.hex()}'" if isinstance(value, bytes) else repr(value)


def _pg_dump() -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"), key=lambda p: int(p.parts[4]))
    return str(found[-1]) if found else "pg_dump"


class Log:
    """The program's log, a file for each day, with the times of the story.

    :param folder: where log-NN.txt go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handler: logging.Handler = logging.NullHandler()
        logging.getLogger().setLevel(logging.INFO)

    def turn(self, night: int) -> None:
        """Write to the file of the day that ends with this night."""
        logging.getLogger().removeHandler(self._handler)
        self._handler.close()
        self._handler = logging.FileHandler(self._folder / f"log-{night:02}.txt")
        formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
        formatter.formatTime = lambda *_a: clock.now().isoformat()  # type: ignore[method-assign]
        self._handler.setFormatter(formatter)
        logging.getLogger().addHandler(self._handler)
