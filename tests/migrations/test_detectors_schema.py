"""Names of rules that found something go with the fourth schema; words and folds of posts stay as they were."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from forum.base.db import db, rows
from forum.base.transaction import transaction
from forum.models import Persona, Post, PostState
from forum.policy.gate import Verdict, Waiting
from forum.policy.members import get_scope
from moderation import detected
from tests.migrations import carried
from tests.migrations.test_migrations import app, empty, upgraded  # noqa: F401 - fixtures


def test_r14_hits_go_with_the_fourth_schema_and_words_stay(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0003")
    with program.app_context():
        scope = get_scope(rows(sa.select(Persona.group_id).limit(1))[0].group_id)
        assert scope
        seen = sa.select(Post.id, Post.body).where(Post.state == PostState.VISIBLE, Post.persona_id.is_not(None))
        post = rows(seen.limit(1))[0]
        bodies = sorted(r.body for r in rows(sa.select(Post.body)))
        with transaction():
            detected.open_for(scope, Waiting(post.id, scope.group_id, post.body), Verdict(False, others=("address",)))
        assert carried.counts(db.engine, ["detector_hit"]) == {"detector_hit": 1}
    carried.migrate(program, "0003")
    carried.migrate(program, "head")
    with program.app_context():
        assert carried.counts(db.engine, ["detector_hit"]) == {"detector_hit": 0}
        assert sorted(r.body for r in rows(sa.select(Post.body))) == bodies
