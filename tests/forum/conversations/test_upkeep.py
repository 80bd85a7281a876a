"""A copy of the database tells as little as can be: no order of writing, no seal that shows whether it was touched."""

import sqlite3
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from forum.base.db import db, row, rows
from forum.conversations import upkeep, usecases
from forum.models import ReadMarker, Resend
from tests.conftest import Database
from tests.world import World

#: Their own keys are places in a row by design: a number for each link, one line that names the schema.
ORDERED_BY_DESIGN = {"audit_entry", "alembic_version"}


def number_of_row(table: str) -> str:
    """SQLite's hidden number of a row; an error where there is none."""
    return f'SELECT rowid FROM "{table}"'


def order_on_disk(table: str, key: str) -> list[Any]:
    """Keys as they lie: bytes, or the number of a post."""
    return [
        r[0] if isinstance(r[0], int) else bytes(r[0]) for r in rows(text(f'SELECT {key} FROM "{table}" ORDER BY ctid'))
    ]


def some_posts(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    for n in range(12):
        world.reply((wren, heron)[n % 2], topic, f"Words {n}.", masked=n % 3 == 0)
        usecases.mark_read((wren, heron)[n % 2].actor, topic, n)


def test_l24_on_sqlite_no_table_numbers_its_rows(world: World, inside: object, database: Database) -> None:
    if database.name != "sqlite":
        pytest.skip("PostgreSQL has no such number; see the next test")
    some_posts(world)
    with sqlite3.connect(database.url.removeprefix("sqlite:///")) as plain:
        kinds = plain.execute("SELECT name, wr FROM pragma_table_list WHERE type = 'table' AND schema = 'main'")
        numbered = {name for name, without in kinds if not without and not name.startswith("sqlite_")}
        assert numbered - ORDERED_BY_DESIGN == {"post", "post_search"}
        for table, key in (("post", "id"), ("post_search", "post_id")):
            same = plain.execute(f"SELECT count(*), sum(rowid = {key}) FROM {table}").fetchone()
            assert same[0] == same[1] > 0, table


def test_l24_on_postgresql_every_table_lies_in_the_order_of_its_keys(
    world: World, inside: object, database: Database
) -> None:
    if database.name != "postgres":
        pytest.skip("SQLite's tables lie so from the start; see the test above")
    some_posts(world)
    random_keys = {t.name: k[0].name for t in db.metadata.sorted_tables if len(k := list(t.primary_key.columns)) == 1}
    keyed = {t: k for t, k in random_keys.items() if t not in ORDERED_BY_DESIGN | {"post"}}
    posts = [r.id for r in rows(text("SELECT id FROM post ORDER BY ctid"))]
    assert posts != sorted(posts)
    assert order_on_disk("resend", "tag") != sorted(order_on_disk("resend", "tag"))
    upkeep.prepare_for_backup()
    assert [r.id for r in rows(text("SELECT id FROM post ORDER BY ctid"))] == sorted(posts)
    for table, key in keyed.items():
        found = order_on_disk(table, key)
        assert found == sorted(found), table


def test_l24_every_seal_differs_from_the_night_before_and_still_opens(world: World, inside: object) -> None:
    some_posts(world)
    before = {r.tag: r.sealed for r in rows(select(ReadMarker.tag, ReadMarker.sealed))}
    assert upkeep.prepare_for_backup() >= len(before) > 0
    after = {r.tag: r.sealed for r in rows(select(ReadMarker.tag, ReadMarker.sealed))}
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())
    assert {len(seal) for seal in after.values()} == {len(seal) for seal in before.values()}


def test_forms_are_forgotten_after_two_days(world: World, inside: object) -> None:
    some_posts(world)
    kept = row(select(func.count()).select_from(Resend))
    world.moment.go(days=2)
    upkeep.prepare_for_backup()
    assert row(select(func.count()).select_from(Resend)) == kept
    world.moment.go(days=1)
    upkeep.prepare_for_backup()
    assert row(select(func.count()).select_from(Resend)) == (0,)


def test_the_command_says_when_to_make_the_backup(world: World, app: Flask) -> None:
    with app.app_context():
        some_posts(world)
    done = app.test_cli_runner().invoke(args=["upkeep", "nightly"])
    assert done.exit_code == 0, done.output
    assert "Make the backup now." in done.output
