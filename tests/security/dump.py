"""Everything a thief of the database would hold, as bytes to search in."""

from pathlib import Path

from flask import Flask
from sqlalchemy import select

from forum.base.db import db
from tests.services.raw import raw_bytes


def dump_of(app: Flask) -> bytes:
    """Every value of every row, as text and as bytes; for SQLite also the files themselves, with what was not cleaned up."""
    with app.app_context():
        with db.engine.connect() as connection:
            tables = [connection.execute(select(table)).all() for table in db.metadata.sorted_tables]
        values = [value for rows in tables for row in rows for value in row if value is not None]
        kept = [value if isinstance(value, bytes) else str(value).encode() for value in values]
        kept += [value.hex().encode() for value in values if isinstance(value, bytes)]
        return b"\n".join(kept + _files())


def _files() -> list[bytes]:
    url = db.engine.url
    if url.get_backend_name() != "sqlite" or not url.database:
        return []
    return [raw_bytes(Path(url.database + end)) for end in ("", "-wal") if Path(url.database + end).exists()]
