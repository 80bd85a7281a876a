"""What tells people of answers goes with the third schema, and no word is touched."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from forum.base.db import db, rows
from forum.base.transaction import here, transaction
from forum.conversations import mail_addresses, mentions, shelves
from forum.models import Persona, Post, PostState
from forum.policy.members import get_membership_of, get_scope
from tests.migrations import carried
from tests.migrations.test_migrations import app, empty, upgraded  # noqa: F401 - fixtures


def test_r14_follows_mentions_and_mail_go_with_the_third_schema_and_words_stay(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0002")
    there = ["follow", "bookmark", "mention", "mail_address"]
    with program.app_context():
        assert carried.counts(db.engine, there) == dict.fromkeys(there, 0)
        heron = rows(sa.select(Persona.id, Persona.group_id).where(Persona.name == "Grey Heron"))[0]
        scope = get_scope(heron.group_id)
        assert scope
        me = get_membership_of(scope, heron.id)
        assert me
        post = rows(sa.select(Post.id, Post.conversation_id).where(Post.state == PostState.VISIBLE).limit(1))[0]
        shelves._put(shelves.FOLLOWED, me, post.conversation_id)
        shelves._put(shelves.BOOKMARKED, me, post.id.to_bytes(shelves.BOOKMARKED.width))
        with transaction():
            mail_addresses.keep(scope, heron.id, mail_addresses.fresh("somebody@example.org", "en"))
            here().execute(sa.update(Post).where(Post.id == post.id).values(body="Thank you @Grey Heron"))
            mentions.note(post.id)
        assert carried.counts(db.engine, there) == dict.fromkeys(there, 1)
        bodies = sorted(r.body for r in rows(sa.select(Post.body)))
    carried.migrate(program, "0002")
    carried.migrate(program, "head")
    with program.app_context():
        assert carried.counts(db.engine, there) == dict.fromkeys(there, 0)
        assert sorted(r.body for r in rows(sa.select(Post.body))) == bodies
