"""Every table of the seventh schema goes down with rows in it, and comes up again empty and able to hold them."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Flask

from forum.base import clock
from forum.base.db import db
from forum.base.idents import new_ident
from tests.migrations import carried
from tests.migrations.test_migrations import app, empty, upgraded  # noqa: F401 - fixtures

#: What the database itself asks of a value; all others are of their column's type and nothing else.
FITS: dict[str, Any] = {
    "concern.state": "raised",
    "concern.timer": "page",
    "concern.clocks": "{}",
    "tier_slot.weekday": 0,
}


def test_r14_every_table_of_safeguarding_goes_down_with_rows_and_comes_up_again(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0005")
    new = _names(program)
    carried.migrate(program, "0006")
    older = _names(program)
    new -= older
    assert {"concern", "concern_talk", "detail_opening", "responder_call", "safeguarding_policy"} <= new
    before = _counts(program, older)
    carried.migrate(program, "head")
    for _again in range(2):
        _fill(program, new)
        assert _counts(program, new) == dict.fromkeys(sorted(new), 1)
        carried.migrate(program, "0006")
        assert _names(program) == older
        assert _counts(program, older) == before
        carried.migrate(program, "head")
        assert _counts(program, new) == dict.fromkeys(sorted(new), 0)


def _names(program: Flask) -> set[str]:
    with program.app_context():
        return {
            name for name in sa.inspect(db.engine).get_table_names() if not name.startswith(("alembic", "post_text"))
        }


def _counts(program: Flask, names: set[str]) -> dict[str, int]:
    with program.app_context():
        return carried.counts(db.engine, sorted(names))


def _fill(program: Flask, names: set[str]) -> None:
    """One row in each of them, with every column filled in; what leads to another table leads to a row of it."""
    with program.app_context(), db.engine.begin() as connection:
        there = sa.MetaData()
        there.reflect(connection)
        for table in (one for one in there.sorted_tables if one.name in names):
            row = {column.name: _value(connection, column) for column in table.columns}
            connection.execute(sa.insert(table).values(row))


def _value(connection: sa.Connection, column: sa.Column[Any]) -> Any:
    for key in column.foreign_keys:
        return connection.scalar(sa.select(key.column).limit(1))
    if (named := f"{column.table.name}.{column.name}") in FITS:
        return FITS[named]
    kinds: list[tuple[type, Any]] = [
        (sa.LargeBinary, new_ident()),
        (sa.Boolean, True),
        (sa.Integer, 1),
        (sa.DateTime, clock.now()),
        (sa.Date, clock.today()),
    ]
    return next((value for kind, value in kinds if isinstance(column.type, kind)), "x")
