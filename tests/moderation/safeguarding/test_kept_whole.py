"""The record of a concern: never rewritten, gone only with the concern, and readable through every rotation of keys."""

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DatabaseError

from forum.base import clock, keyring, rotation
from forum.base.db import row, rows
from forum.base.keyring import Purpose
from forum.base.transaction import here as session
from forum.base.transaction import transaction
from moderation.evidence import Copy
from moderation.safeguarding import chronology, exclusions, queries, responders, words
from moderation.safeguarding.models import APPEND_ONLY, Concern, ConcernCopy, ConcernEvent, EventKind
from tests.moderation.safeguarding.people import Scene, scene
from tests.world import World


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """People of an organisation."""
    return scene(world)


def many(model: type) -> int:
    """How many rows."""
    found = row(select(func.count()).select_from(model))
    return int(found[0]) if found else 0


@pytest.mark.parametrize("model", [ConcernEvent, ConcernCopy])
def test_nobody_rewrites_a_record_or_deletes_a_line_of_it(here: Scene, model: type[ConcernEvent]) -> None:
    assert model.__tablename__ in APPEND_ONLY
    case = here.raise_one(copies=(Copy("I gave my cat away.", "en", "", n=1),))
    before = many(model)
    assert before
    with pytest.raises(DatabaseError, match="append-only"), transaction():
        session().execute(update(model).values(sealed=b"nothing"))
    with pytest.raises(DatabaseError, match="append-only"), transaction():
        session().execute(delete(model).where(model.concern_id == case.id))
    assert many(model) == before


def test_lines_go_once_the_concern_itself_was_deleted(here: Scene) -> None:
    case, other = here.raise_one(), here.raise_one()
    with transaction():
        session().execute(update(Concern).where(Concern.id == case.id).values(gone_on=clock.today()))
        session().execute(delete(ConcernEvent).where(ConcernEvent.concern_id == case.id))
    assert chronology.lines(case) == []
    assert chronology.lines(other)


def test_a_rotation_renews_what_a_concern_hides_and_whom_it_does_not_reach(here: Scene) -> None:
    case = here.raise_one(b"form", involved=frozenset({here.robin.persona_id}), said="Quietly.")
    old = {r.key_id for r in rows(select(Concern.key_id))}
    ring = keyring.the_keyring()
    for purpose in (Purpose.TAG, Purpose.SEAL):
        ring = ring.rotated(purpose)
    keyring.use(ring)
    assert chronology.lines(case)[0].words == "Quietly.", "both keys are read meanwhile"
    for _batch in rotation.renew_old():
        pass
    keyring.use(ring.finished())
    after = here.now(case.id)
    assert {r.key_id for r in rows(select(Concern.key_id))}.isdisjoint(old)
    assert chronology.lines(after)[0].words == "Quietly."
    assert words.open_inside(after).subject_id == here.wren.persona_id
    assert queries.list_open_about(here.group.scope, [here.wren.persona_id]) == [after]
    assert here.raise_one(b"form").id == case.id, "the same form still raises the same concern"
    me = responders.find(here.robin.actor, here.group.scope)
    assert me is not None
    assert exclusions.is_hidden(after, me)


def test_words_moved_to_another_line_do_not_open(here: Scene) -> None:
    case = here.raise_one(said="Quietly.")
    key = words.open_inside(case).key
    found = row(select(ConcernEvent.n, ConcernEvent.sealed).where(ConcernEvent.concern_id == case.id))
    assert found
    with pytest.raises(keyring.KeyringError):
        words.open_with(key, chronology.EVENTS, case.id + (found.n + 1).to_bytes(4), found.sealed)


def test_no_row_says_when_to_the_minute_somebody_was_here(here: Scene, world: World) -> None:
    world.moment.go(minutes=17, seconds=3)
    case = here.raise_one()
    hours = [r.hour for r in rows(select(ConcernEvent.hour))]
    assert all((one.minute, one.second) == (0, 0) for one in [*hours, case.raised_hour])
    assert EventKind.RAISED in [line.kind for line in chronology.lines(case) if line.at == world.moment.at]
