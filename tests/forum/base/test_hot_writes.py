"""Writes that go past SQLAlchemy: the same rows, the same errors, and heard by whoever listens."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, delete, event, insert, select, update
from sqlalchemy.exc import IntegrityError, NoResultFound

from forum.base import hot_writes
from forum.base.db import db, rows
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction, write
from forum.models import EndedFeed
from tests.world import World

AT = datetime(2026, 11, 23, 2, 30, 15, 250_000, tzinfo=UTC)
_ADD = insert(EndedFeed)
_CHANGE = update(EndedFeed).where(EndedFeed.id == bindparam("one")).returning(EndedFeed.at, EndedFeed.what)


def _kept(ident: bytes) -> list[tuple[object, ...]]:
    return [tuple(r) for r in rows(select(EndedFeed.what, EndedFeed.at).where(EndedFeed.id == ident))]


def test_a_row_is_the_one_that_sqlalchemy_writes(inside: World) -> None:
    quick, usual = new_ident(), new_ident()
    with transaction():
        write(_ADD, id=quick, what="a room", at=AT)
        here().connection().execute(_ADD, {"id": usual, "what": "a room", "at": AT})
    assert _kept(quick) == _kept(usual) == [("a room", AT)]


def test_what_comes_back_has_the_types_of_its_columns(inside: World) -> None:
    ident = new_ident()
    with transaction():
        write(_ADD, id=ident, what="a room", at=AT)
        changed = write(_CHANGE, one=ident, what="another")
        assert changed.first() == (AT, "another")
        assert changed.scalar_one() == AT
        nobody = write(_CHANGE, one=new_ident(), what="another")
        assert nobody.first() is None
        with pytest.raises(NoResultFound):
            nobody.scalar_one()


def test_a_clash_is_the_error_that_use_cases_know(inside: World) -> None:
    ident = new_ident()

    def write_twice() -> None:
        with transaction():
            write(_ADD, id=ident, what="words of somebody", at=AT)
            write(_ADD, id=ident, what="words of somebody", at=AT)

    with pytest.raises(IntegrityError) as clash:
        write_twice()
    assert "words of somebody" not in str(clash.value)  # an error quotes nothing of what was written
    assert not clash.value.connection_invalidated
    assert _kept(ident) == []


def test_whoever_listens_hears_each_statement(inside: World) -> None:
    heard: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        heard.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with transaction():
            write(_ADD, id=new_ident(), what="a room", at=AT)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert any("ended_feed" in statement for statement in heard)


def test_what_only_sqlalchemy_can_send_goes_through_it(inside: World) -> None:
    """A list of values has to be written anew each time."""
    few = update(EndedFeed).where(EndedFeed.id.in_(bindparam("ids", expanding=True)))
    assert hot_writes._compile(few, ("ids", "what"), db.engine.dialect) is None
    ident = new_ident()
    with transaction():
        write(_ADD, id=ident, what="a room", at=AT)
        write(few, ids=[ident], what="another")
        assert _kept(ident) == [("another", AT)]
        here().execute(delete(EndedFeed))
