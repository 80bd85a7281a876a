"""Rows of an older schema, as a file: written once from a small world, put into a database of that schema ever after.

    python -m tests.migrations.make_fixture        writes fixtures/<newest migration>.json and its keyring

A fixture is never made anew: it stands for what people have in their databases.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
from flask import Flask

import wsgi
from forum.base import keyring
from forum.base.config import Settings
from forum.base.db import db

FIXTURES = Path(__file__).with_name("fixtures")
MIGRATIONS = str(wsgi.ROOT / "migrations")
#: The first schema; each later one that carries rows of its own joins it here.
REVISIONS = ("0001", "0002", "0003", "0004", "0005")


def written(value: Any) -> Any:
    """A value of a row as JSON."""
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, datetime):
        return {"time": value.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value


def read(value: Any) -> Any:
    """The inverse of `written`."""
    if not isinstance(value, dict):
        return value
    kind, text = next(iter(value.items()))
    return {"bytes": bytes.fromhex, "time": datetime.fromisoformat, "day": date.fromisoformat}[kind](text)


def fixture(revision: str) -> dict[str, Any]:
    """What one fixture holds: its tables with their rows in the order they were written, and what its people know."""
    return dict(json.loads((FIXTURES / f"{revision}.json").read_text("utf-8")))


def put_in(engine: sa.Engine, tables: dict[str, list[dict[str, Any]]]) -> None:
    """Write the rows into a database that has their schema. It knows no models: they may have moved on since."""
    there = sa.MetaData()
    there.reflect(engine)
    with engine.begin() as connection:
        for table in there.sorted_tables:
            # A post is there before those that answer it: its id says only its hour.
            for row in sorted(tables.get(table.name, []), key=lambda one: one.get("answers_id") is not None):
                connection.execute(sa.insert(table), {name: read(value) for name, value in row.items()})


def counts(engine: sa.Engine, names: list[str]) -> dict[str, int]:
    """How many rows each of these tables has."""
    there = sa.MetaData()
    there.reflect(engine)
    with engine.connect() as connection:
        return {n: connection.scalar(sa.select(sa.func.count()).select_from(there.tables[n])) or 0 for n in names}


def program(url: str, folder: Path, revision: str = "") -> Flask:
    """The program over `url`, with the keyring of a fixture or one of its own."""
    folder.mkdir(exist_ok=True, parents=True)
    ring = keyring.fresh(demonstration=True)
    if revision:
        copy = folder / "fixture.json"
        copy.write_bytes((FIXTURES / f"{revision}.keyring.json").read_bytes())
        copy.chmod(0o600)  # a checkout makes it readable by others, and the program refuses that
        ring = keyring.load(copy)
    keyring.save(ring, folder / "keyring.json")
    return wsgi.create_app(Settings(url, folder / "keyring.json", folder, testing=True, ticker=False))


def migrate(app: Flask, to: str) -> None:
    """Bring the database to a revision, up or down ("base" takes everything away)."""
    with app.app_context():
        if to == "base" or to < (current(app) or ""):
            flask_migrate.downgrade(directory=MIGRATIONS, revision=to)
        else:
            flask_migrate.upgrade(directory=MIGRATIONS, revision=to)


def current(app: Flask) -> str | None:
    """The revision the database is at."""
    with app.app_context(), db.engine.connect() as connection:
        if "alembic_version" not in sa.inspect(connection).get_table_names():
            return None
        return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))


def close(app: Flask) -> None:
    """Let the database go."""
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
