"""Concerns come and go with the seventh schema; what groups had before stays as it was."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from forum.base.db import db, rows
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.models import Group, Persona
from moderation.safeguarding import cases, chronology, concerns
from moderation.safeguarding.concerns import Raise
from moderation.safeguarding.models import APPEND_ONLY, Concern, Kind, Origin
from tests.migrations import carried
from tests.migrations.test_migrations import app, empty, upgraded  # noqa: F401 - fixtures


def test_r14_concerns_go_with_the_seventh_schema_and_people_stay(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0003")
    with program.app_context():
        people = _people()
        group = rows(sa.select(Group.id, Group.organisation_id).order_by(Group.id))[0]
        scope = Scope(group.organisation_id, group.id)
        raised = concerns.raise_concern(Raise(scope, Kind.ADULT, Origin.VISITOR, new_ident(), said="I am worried."))
        case = cases.find(raised.concern_id)
        assert case is not None
        assert chronology.lines(case)[0].words == "I am worried."
    carried.migrate(program, "0006")
    with program.app_context():
        assert not {"concern", "concern_not_for", *APPEND_ONLY} & set(sa.inspect(db.engine).get_table_names())
    carried.migrate(program, "head")
    with program.app_context():
        assert rows(sa.select(Concern.id)) == []
        assert _people() == people


def _people() -> list[tuple[bytes, str]]:
    return sorted((one.id, one.name) for one in rows(sa.select(Persona.id, Persona.name)))
