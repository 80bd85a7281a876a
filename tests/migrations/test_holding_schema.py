"""What waits by choice, and brakes, go with the fourth schema; groups hold what they held, and no word is touched."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from forum.base.db import db, rows
from forum.base.transaction import here, transaction
from forum.models import Board, Brake, Group, Hold, Post
from tests.migrations import carried
from tests.migrations.test_migrations import app, empty, upgraded  # noqa: F401 - fixtures


def test_r14_what_waits_and_brakes_go_with_the_fourth_schema_and_words_stay(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0003")
    with program.app_context():
        assert {(r.holds, r.brake) for r in rows(sa.select(Group.holds, Group.brake))} == {(6, None)}
        assert {(r.holds, r.brake) for r in rows(sa.select(Board.holds, Board.brake))} == {(0, None)}
        newcomers = sorted(r.hold_newcomers for r in rows(sa.select(Group.hold_newcomers)))
        with transaction():
            here().execute(
                sa.update(Group).values(holds=int(Hold.EVERYTHING), brake=Brake.STOP, brake_words="A pause.")
            )
            here().execute(sa.update(Board).values(holds=int(Hold.LINKS)))
        bodies = sorted(r.body for r in rows(sa.select(Post.body)))
    carried.migrate(program, "0003")
    assert "brake" not in {c["name"] for c in sa.inspect(_engine(program)).get_columns("group")}
    carried.migrate(program, "head")
    with program.app_context():
        assert {
            (r.holds, r.brake, r.brake_words) for r in rows(sa.select(Group.holds, Group.brake, Group.brake_words))
        } == {(6, None, "")}
        assert {r.holds for r in rows(sa.select(Board.holds))} == {0}
        assert sorted(r.hold_newcomers for r in rows(sa.select(Group.hold_newcomers))) == newcomers
        assert sorted(r.body for r in rows(sa.select(Post.body))) == bodies


def _engine(program: Flask) -> sa.Engine:
    with program.app_context():
        return db.engine
