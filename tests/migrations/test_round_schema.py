"""The reading round begins with the last week, lines that waited come into the queue as they were, and down again all goes."""

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from forum.base import clock
from forum.base.db import db, rows
from forum.base.transaction import here, transaction
from forum.models import Persona, Post, PostEvent, TeamLine
from forum.policy.members import get_membership_of, get_scope
from moderation import asks, notes
from moderation.models import CaseItem, CaseKind
from moderation.round_models import LeftUnread, NoteKind, TeamRead
from tests.conftest import Clock
from tests.migrations import carried
from tests.migrations.test_migrations import app, empty, upgraded  # noqa: F401 - fixtures

TABLES = ["team_read", "left_unread", "case_note"]


def test_r14_what_is_older_than_a_week_counts_as_read_and_the_rest_does_not(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
    moment: Clock,
) -> None:
    program, _known = upgraded("0003")
    with program.app_context():
        assert carried.counts(db.engine, TABLES) == dict.fromkeys(TABLES, 0)
    carried.migrate(program, "0003")
    moment.go(days=8)
    carried.migrate(program, "head")
    with program.app_context():
        last = {
            r.conversation_id: r.n
            for r in rows(
                sa.select(PostEvent.conversation_id, sa.func.max(PostEvent.feed_no).label("n")).group_by(
                    PostEvent.conversation_id
                )
            )
        }
        read = {r.conversation_id: r.feed_no for r in rows(sa.select(TeamRead.conversation_id, TeamRead.feed_no))}
        assert read
        assert all(last[one] == n for one, n in read.items())
        lines = {r.conversation_id for r in rows(sa.select(TeamLine.conversation_id))}
        assert set(read) == set(last) - lines


def test_r14_lines_that_waited_come_into_the_queue_with_their_times(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0003")
    with program.app_context():
        due = {r.conversation_id: r.due_at for r in rows(sa.select(TeamLine.conversation_id, TeamLine.due_at))}
        with transaction():  # as they stand before somebody answers
            here().execute(sa.update(TeamLine).values(answered_seq=0))
        for group in rows(sa.select(TeamLine.group_id).distinct()):
            scope = get_scope(group.group_id)
            assert scope
            asks.bring_in(scope)
        found = rows(sa.select(CaseItem.about, CaseItem.due_at).where(CaseItem.kind == CaseKind.ASK))
        assert found
        assert {item.about: item.due_at for item in found}.items() <= due.items()


def test_r14_rounds_and_notes_go_with_the_schema_and_words_stay(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0003")
    with program.app_context():
        bodies = sorted(r.body for r in rows(sa.select(Post.body)))
        item = rows(sa.select(CaseItem.id, CaseItem.group_id).limit(1))[0]
        post = rows(sa.select(Post.id).limit(1))[0]
        someone = rows(sa.select(Persona.id).where(Persona.group_id == item.group_id).limit(1))[0]
        scope = get_scope(item.group_id)
        assert scope
        me = get_membership_of(scope, someone.id)
        assert me
        with transaction():
            notes.add(me, item.id, NoteKind.NOTE, "Somebody wrote to them.")
            hour = clock.now() - timedelta(hours=1)
            here().execute(sa.insert(LeftUnread).values(post_id=post.id, group_id=item.group_id, since_hour=hour))
        assert carried.counts(db.engine, ["left_unread", "case_note"]) == {"left_unread": 1, "case_note": 1}
    carried.migrate(program, "0003")
    carried.migrate(program, "head")
    with program.app_context():
        assert carried.counts(db.engine, ["left_unread", "case_note"]) == {"left_unread": 0, "case_note": 0}
        assert sorted(r.body for r in rows(sa.select(Post.body))) == bodies
