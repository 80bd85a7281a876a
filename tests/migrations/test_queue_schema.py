"""What the queue keeps goes with the fourth schema: what waits goes on waiting, words come back, and the chain stays whole."""

import itertools
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from forum.base import clock
from forum.base.db import db, row, rows
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.models import Post, PostState, Role
from moderation import audit, decisions, proposals, report_targets, reports
from moderation import usecases as deciding
from moderation.decisions import Verdict
from moderation.models import CaseItem, CaseKind, Choice, Source
from moderation.reports import Saying
from tests.browser.appeal_stage import WHY, AppealStage, set_appeal_stage
from tests.conftest import Clock
from tests.migrations import carried
from tests.migrations.test_migrations import app, empty, upgraded  # noqa: F401 - fixtures
from tests.world import World

#: Gone with the schema, and empty when it comes back.
TABLES = ["effect", "audit_head", "appeal_word", "reviewer", "review_pass", "outsider_report"]
#: There before, and after.
STAY = ["post", "conversation", "case_item", "decision", "evidence", "report", "case_not_for", "audit_entry"]
#: All that the program before can read.
KINDS = {"hold", "welcome", "report", "welfare"}
CHOICES = {"release", "keep_back", "hide", "restore", "welcomed", "hold_author", "looked", "spoken", "kept_open"}

Upgraded = Callable[[str], tuple[Flask, object]]


class Evening:
    """An evening in an upgraded database, with decisions of each kind, appeals and somebody outside."""

    def __init__(self, program: Flask, moment: Clock) -> None:
        self.world = World(program, moment)
        self.world._names = itertools.count(50)  # the fixture has groups of such a world, whose addresses are taken
        self.group = self.world.group()
        self.wren, self.heron = self.world.person(self.group), self.world.person(self.group)
        self.owl = self.world.person(self.group, Role.MODERATOR)
        self.topic = self.world.topic(self.heron)
        self.folded = self._decided(Choice.FOLD)
        self.proposal = self._propose()
        self.sold = self._held_twice()
        self.stage: AppealStage = set_appeal_stage(self.world, self.group, self.wren, self.heron, self.owl)

    def _decided(self, choice: Choice) -> int:
        post = self.world.reply(self.wren, self.topic, "Words that somebody told about.")
        with self.world.app.app_context():
            told = (self.heron.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying())
            item = reports.tell(*told)
            decisions.decide(self.owl.actor, item, Verdict(choice, 0, 0, WHY, "be-kind"))
        return post

    def _propose(self) -> bytes:
        person = self.world.person(self.group)
        post = self.world.reply(person, self.topic, "Unkind words.")
        with self.world.app.app_context():
            return proposals.propose(self.owl.actor, post, Choice.PAUSE_POSTING, 2, WHY, "be-kind")

    def _held_twice(self) -> int:
        """A link waits by a rule of the group, and looks sold as well."""
        post = self.world.reply(self.wren, self.topic, "Buy at https://example.org/now")
        with self.world.app.app_context(), transaction():
            sold = {
                "post_id": post,
                "kind": CaseKind.SPAM,
                "source": Source.DETECTOR,
                "group_id": self.group.scope.group_id,
            }
            times = {"opened_hour": clock.now().replace(minute=0), "due_at": clock.now()}
            here().execute(sa.insert(CaseItem).values(id=new_ident(), **sold, **times))
        return post


@pytest.fixture
def evening(upgraded: Upgraded, moment: Clock) -> Evening:  # noqa: F811
    program, _known = upgraded("0003")
    return Evening(program, moment)


def raw(column: str, table: str) -> list[str]:
    """What stands in the database, whatever the models say."""
    with db.engine.connect() as connection:
        return [str(r[0]) for r in connection.execute(sa.text(f"SELECT {column} FROM {table}"))]


def test_r14_appeals_effects_and_reviewers_go_with_the_fourth_schema(evening: Evening) -> None:
    program = evening.world.app
    with program.app_context():
        before = carried.counts(db.engine, [*TABLES, *STAY])
        assert all(before.values()), before
        bodies = sorted((r.id, r.state, r.body) for r in rows(sa.select(Post.id, Post.state, Post.body)))
        assert audit.find_break() is None
    carried.migrate(program, "0003")
    with program.app_context():
        assert set(TABLES).isdisjoint(sa.inspect(db.engine).get_table_names())
        assert carried.counts(db.engine, STAY) == {name: before[name] for name in STAY}
    carried.migrate(program, "head")
    with program.app_context():
        assert carried.counts(db.engine, TABLES) == dict.fromkeys(TABLES, 0)
        assert sorted((r.id, r.state, r.body) for r in rows(sa.select(Post.id, Post.state, Post.body))) == bodies
        assert audit.find_break() is None
        assert {(r.claim_gen, r.claimed_by, r.lease_until) for r in rows(_LEASES)} == {(0, None, None)}
        told = rows(sa.select(CaseItem.source).where(CaseItem.kind.in_((CaseKind.REPORT, CaseKind.WELFARE))))
        assert {r.source for r in told} == {Source.MEMBER}


_LEASES = sa.select(CaseItem.claim_gen, CaseItem.claimed_by, CaseItem.lease_until)


def test_r14_words_that_are_away_come_back_after_it_and_the_chain_goes_on(evening: Evening) -> None:
    program, post = evening.world.app, evening.stage.appealed
    carried.migrate(program, "0003")
    carried.migrate(program, "head")
    with program.app_context():
        assert _state(post) == (PostState.HIDDEN, "")
        deciding.restore_post(evening.owl.actor, post)
        state, body = _state(post)
        assert (state, body.split(".")[0]) == (PostState.VISIBLE, "Words that were put away")
        assert carried.counts(db.engine, ["audit_head"]) == {"audit_head": 1}
        assert audit.find_break() is None


def _state(post: int) -> tuple[PostState, str]:
    found = row(sa.select(Post.state, Post.body).where(Post.id == post))
    assert found
    return found.state, found.body


def test_r14_the_program_before_reads_all_that_is_left(evening: Evening) -> None:
    """It would break on one kind or choice that it does not know, and it knows nobody to whom a proposal is not shown."""
    program = evening.world.app
    with program.app_context():
        assert "spam" in raw("kind", "case_item")
        assert {"fold", "pause_posting", "uphold"} <= set(raw("choice", "decision"))
        waits = row(sa.select(sa.func.count()).where(CaseItem.post_id == evening.sold, CaseItem.decided.is_(False)))
    carried.migrate(program, "0003")
    with program.app_context():
        assert set(raw("choice", "decision")) <= CHOICES
        with db.engine.connect() as connection:
            shown = connection.execute(sa.text("SELECT kind, post_id FROM case_item WHERE post_id IS NOT NULL")).all()
        assert {kind for kind, _post in shown} <= KINDS
        assert waits
        assert [kind for kind, post in shown if post == evening.sold] == ["hold"] * waits[0]
