"""What spares moderators goes with the fourth schema; items, decisions and words stay."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from forum.base import clock
from forum.base.db import db, rows
from forum.base.transaction import here, transaction
from forum.models import Persona, Post
from forum.policy.members import get_membership_of, get_scope
from moderation import handover, own
from moderation.models import CaseItem, Choice, Decision
from moderation.shift_models import SecondLook
from tests.migrations import carried
from tests.migrations.test_migrations import app, empty, upgraded  # noqa: F401 - fixtures


def test_r14_what_is_a_moderators_own_goes_with_the_fourth_schema_and_cases_stay(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0003")
    there = ["moderator_own", "hand_over", "second_look"]
    with program.app_context():
        assert carried.counts(db.engine, there) == dict.fromkeys(there, 0)
        assert {(r.topics, r.looked_at) for r in rows(sa.select(CaseItem.topics, CaseItem.looked_at))} <= {(0, None)}
        one = rows(sa.select(Decision.id, Decision.group_id, Decision.decided_by))[0]
        scope = get_scope(one.group_id)
        assert scope
        membership = get_membership_of(scope, one.decided_by)
        assert membership
        with transaction():
            own.keep_here(membership, lambda _mine: own.Own(away=1))
            look = {"decision_id": one.id, "group_id": one.group_id, "choice": Choice.HIDE, "agreed": True}
            handover.leave_here(membership, "All quiet.")
            here().execute(sa.insert(SecondLook).values(**look, looked_on=clock.today()))
        assert carried.counts(db.engine, there) == dict.fromkeys(there, 1)
        before = _kept()
    carried.migrate(program, "0003")
    carried.migrate(program, "head")
    with program.app_context():
        assert carried.counts(db.engine, there) == dict.fromkeys(there, 0)
        assert _kept() == before
        assert rows(sa.select(Persona.id)) != []
        assert own.find(membership) == own.NOTHING


def _kept() -> list[object]:
    found = (sa.select(CaseItem.id, CaseItem.due_at), sa.select(Decision.id, Decision.choice), sa.select(Post.body))
    return [sorted(map(tuple, rows(one)), key=repr) for one in found]
