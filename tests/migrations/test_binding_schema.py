"""What holds in a group stays the same with the fifth schema; words that faded stay gone when it is taken back."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from forum.base.db import db, row, rows
from forum.base.transaction import transaction
from forum.conversations import lifecycle
from forum.models import Charter, Group, Post, PostState
from forum.policy import promises, terms
from tests.migrations import carried
from tests.migrations.test_migrations import app, empty, upgraded  # noqa: F401 - fixtures


def test_r14_settings_hold_as_before_and_faded_words_stay_gone(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0003")
    with program.app_context():
        group = row(sa.select(Group.id, Group.organisation_id).join(Charter, Charter.group_id == Group.id))
        assert group
        assert terms.of_group(group.id).values["links"] == "facilitator posts", "as the starter rules said all along"
        assert {r.faded for r in rows(sa.select(Post.faded))} == {False}
        post_id = _fade_one()
        with transaction():
            promises.keep(group.organisation_id, 90)
    carried.migrate(program, "0004")
    with program.app_context():
        inside = sa.inspect(db.engine)
        assert not inside.has_table("promise")
        assert "floor_id" not in {c["name"] for c in inside.get_columns("organisation")}
    carried.migrate(program, "head")
    with program.app_context():
        found = row(sa.select(Post.state, Post.body).where(Post.id == post_id))
        assert found is not None
        assert tuple(found) == (PostState.WITHDRAWN, "")


def _fade_one() -> int:
    """Let one visible post go; gives its id."""
    visible = row(sa.select(Post.id).where(Post.state == PostState.VISIBLE, Post.body != "").limit(1))
    assert visible
    with transaction():
        post = lifecycle.lock_post(visible.id)
        assert post is not None
        lifecycle.fade(post)
    return int(visible.id)
