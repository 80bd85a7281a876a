"""Stolen backups as rows, whatever program made them."""

import re
import sqlite3
from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A table's name and columns."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Post:
    """What the dump says of a post in the open."""

    id: int
    place: bytes
    seq: int
    persona: str | None


class Night:
    """One backup.

    :param without: tables that are left out.
    """

    def __init__(self, file: Path, without: Collection[str]) -> None:
        self.number = int(file.stem.split("-")[1])
        self._db = _open_text(file) if file.suffix == ".sql" else _open_sqlite(file)
        self._db.row_factory = sqlite3.Row
        names = [r[0] for r in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        self.tables = {n: Table(n, self._columns(n)) for n in names if n not in without}

    def _columns(self, table: str) -> tuple[str, ...]:
        return tuple(r[1] for r in self._db.execute(f'PRAGMA table_info("{table}")'))

    def rows(self, table: str) -> Iterator[Row]:
        """All rows, in the order in which they lie; none if there is no such table."""
        if table in self.tables:
            yield from (dict(r) for r in self._db.execute(f'SELECT * FROM "{table}"'))

    def column_of(self, table: Table, ids: Container[Any]) -> str | None:
        """The column beside the key that holds nothing but such ids."""
        rows = list(self.rows(table.name))
        return next((c for c in table.columns if c != "id" and rows and all(row[c] in ids for row in rows)), None)

    def number_of(self, table: Table) -> str | None:
        """The column that holds nothing but whole numbers."""
        rows = list(self.rows(table.name))
        return next((c for c in table.columns if rows and all(isinstance(row[c], int) for row in rows)), None)

    @cached_property
    def personas(self) -> frozenset[bytes]:
        """Everybody's id."""
        return frozenset(row["id"] for row in self.rows("persona"))

    @cached_property
    def conversations(self) -> frozenset[bytes]:
        """Every conversation's id."""
        return frozenset(row["id"] for row in self.rows("conversation"))

    @cached_property
    def posts(self) -> dict[int, Post]:
        """Every post by its id."""
        found = (
            Post(r["id"], r["conversation_id"], r["seq"], r["persona_id"].hex() if r["persona_id"] else None)
            for r in self.rows("post")
        )
        return {post.id: post for post in found}


def nights(folder: Path, without: Collection[str] = ()) -> list[Night]:
    """The backups in a folder, oldest first."""
    return [Night(file, without) for file in sorted(folder.glob("dump-*")) if file.suffix in (".db", ".sql")]


def born(nights: list[Night]) -> dict[int, int]:
    """The place in `nights` of the backup in which each post is first seen."""
    first: dict[int, int] = {}
    for at, night in enumerate(nights):
        for post in night.posts:
            first.setdefault(post, at)
    return first


def _open_sqlite(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _open_text(file: Path) -> sqlite3.Connection:
    """A plain dump of PostgreSQL, its tables and rows loaded in the order in which they stand."""
    db, text = sqlite3.connect(":memory:"), file.read_text()
    for name, columns, lines in re.findall(
        r"^COPY public\.(\S+) \((.*?)\) FROM stdin;\n(.*?)^\\\.$", text, re.M | re.S
    ):
        bare = name.strip('"')
        db.execute(f'CREATE TABLE "{bare}" ({columns})')
        held = [tuple(_value(v) for v in line.split("\t")) for line in lines.splitlines()]
        db.executemany(f'INSERT INTO "{bare}" VALUES ({", ".join("?" * len(columns.split(",")))})', held)
    for name, columns in re.findall(r"^CREATE TABLE (\w+) \((.*?)\);$", text, re.M):  # not one of the program's own
        db.execute(f"CREATE TABLE {name} ({columns})")
    for name, values in re.findall(r"^INSERT INTO (\w+) VALUES \((.*)\);$", text, re.M):
        held = [_value(v.strip("'")) for v in values.split(", ")]
        db.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(held))})", held)
    return db


def _value(text: str) -> Any:
    if text == "\\N":
        return None
    for prefix in ("\\\\x", "\\x"):  # COPY doubles the backslash
        if text.startswith(prefix):
            return bytes.fromhex(text[len(prefix) :])
    return int(text) if re.fullmatch(r"-?\d{1,18}", text) else text
