"""What leads to somebody: their ids however they are spelled, and a record of what the program tells the database."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, select

from forum.base.db import db, rows
from forum.base.hot import Hot
from forum.base.idents import write_ident

Row = tuple[tuple[str, Any], ...]
BEGIN = "BEGIN"


def spellings(ident: bytes) -> set[bytes]:
    """Every way in which an id may stand in a page, a statement or a payload."""
    plain = base64.b64encode(ident), base64.urlsafe_b64encode(ident)
    texts = {
        ident.hex(),
        ident.hex().upper(),
        write_ident(ident),
        write_ident(ident).upper(),
        str(int.from_bytes(ident)),
    }
    return {ident, *(text.encode() for text in texts), *(text.rstrip(b"=") for text in plain)}


def leads_to(value: Any, *idents: bytes) -> bool:
    """Whether one of these ids stands in `value`, in any spelling."""
    if isinstance(value, dict | list | tuple):
        return any(leads_to(part, *idents) for part in (value.values() if isinstance(value, dict) else value))
    value = getattr(value, "obj", value)  # psycopg wraps bytes
    data = bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value).encode()
    return any(spelling in data for ident in idents for spelling in spellings(ident))


@dataclass
class Told:
    """What was sent to the database on the connection that writes: each statement with its values."""

    statements: list[tuple[str, Any]] = field(default_factory=list)

    def written_tables(self) -> set[str]:
        """The tables that statements wrote to."""
        return set().union(*self.written_together())

    def written_together(self) -> list[set[str]]:
        """The same for each transaction."""
        together: list[list[str]] = []
        for statement, _values in self.statements:
            if statement.startswith(BEGIN):  # on SQLite a statement says so as well
                together.append([])
            else:
                together[-1].append(statement)
        return [_written(statements) for statements in together]


def _written(statements: list[str]) -> set[str]:
    words = [statement.split() for statement in statements]
    named = {
        "INSERT": lambda w: w[2],
        "DELETE": lambda w: w[2],
        "UPDATE": lambda w: w[1],
    }
    return {named[w[0].upper()](w).strip('"') for w in words if w[0].upper() in named}


@contextmanager
def listening() -> Iterator[Told]:
    """Record every statement of transactions, reads among them."""
    told = Told()

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        told.statements.append((statement, values))

    def begin(_connection: Any) -> None:
        told.statements.append((BEGIN, ()))

    def quickly(asked: Hot, engine: Any, values: Any, session: Any = None) -> Any:
        if session is not None:  # compiled before, and sent past SQLAlchemy
            told.statements.append((str(asked._statement), dict(values)))
        return ask(asked, engine, values, session)

    event.listen(db.engine, "begin", begin)
    event.listen(db.engine, "before_cursor_execute", note)
    ask, Hot._ask = Hot._ask, quickly  # type: ignore[method-assign]
    try:
        yield told
    finally:
        Hot._ask = ask  # type: ignore[method-assign]
        event.remove(db.engine, "begin", begin)
        event.remove(db.engine, "before_cursor_execute", note)


def everything() -> dict[str, set[Row]]:
    """Every row of every table."""
    return {t.name: {tuple(r._mapping.items()) for r in rows(select(*t.columns))} for t in db.metadata.sorted_tables}


def changed(before: dict[str, set[Row]], after: dict[str, set[Row]]) -> dict[str, set[Row]]:
    """Rows that are new or different, by table; tables where a row only went are named too."""
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}
