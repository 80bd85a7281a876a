"""Attacks with a database that cannot be written, and with people who press at the same moment."""

import re
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from forum.base import jobs
from forum.base.db import row
from forum.base.errors import Busy, Conflict, ForumError
from forum.base.transaction import PATIENCE_S, transaction
from forum.conversations import markers
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.ground_rules import queries as rules
from forum.models import Persona, Post, PostState, Role, SignInKind
from forum.web import sign_ins
from moderation import audit, decisions
from moderation import usecases as deciding
from moderation.decisions import Verdict
from moderation.models import AuditEntry, CaseItem, CaseKind, Choice
from tests.conftest import Database
from tests.world import Person, World, answers_for, conversation_url, text_of


def a_post_is_due(world: World) -> tuple[Person, bytes]:
    """A reader, and a topic with words to be read and a post that whoever reads next publishes."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren, body="Words to be read.")
    with world.app.app_context():
        posting.submit_post(wren.actor, topic, Words("Still sending."), "t")
    world.moment.go(seconds=11)
    return heron, topic


@pytest.mark.parametrize("error", [Busy("locked"), OperationalError("UPDATE job", {}, Exception("disk is full"))])
def test_r6_reading_goes_on_when_nothing_can_be_written(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A post is due to be published, and the one who reads is the first to notice: the disk is full."""
    heron, topic = a_post_is_due(world)

    def full(**_asked: object) -> int:
        raise error

    monkeypatch.setattr(jobs, "run_due", full)
    answer = heron.get(conversation_url(topic))
    assert answer.status_code == 200
    assert "Words to be read." in text_of(answer)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_r6_a_reader_does_not_wait_for_a_lock(world: World, database: Database) -> None:
    """An import holds SQLite's lock while a post is due: whoever reads gets the page without it, at once."""
    heron, topic = a_post_is_due(world)
    other = sqlite3.connect(database.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    answer = heron.get(conversation_url(topic))
    took_s = time.monotonic() - began
    other.execute("ROLLBACK")
    other.close()
    assert answer.status_code == 200
    assert "Words to be read." in text_of(answer)
    assert "Still sending." not in text_of(answer)
    assert took_s < PATIENCE_S / 2, "a writer would have waited that long"
    assert "Still sending." in text_of(heron.get(conversation_url(topic)))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_r6_a_reader_does_not_wait_for_a_writer_who_waits(world: World) -> None:
    """The turn of this process is taken by somebody who posts and waits for the lock."""
    heron, topic = a_post_is_due(world)
    with world.app.app_context(), transaction():
        reading = ThreadPoolExecutor(1)
        answer = reading.submit(heron.get, conversation_url(topic)).result(timeout=PATIENCE_S)
    assert answer.status_code == 200
    assert "Words to be read." in text_of(answer)


def test_the_mark_of_what_was_read_never_goes_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tabs: the one that read less is slower, and finds out only inside its transaction."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    for _n in range(4):
        world.reply(wren, topic)
    with world.app.app_context():
        actor, really = heron.actor, markers.find_marker
        membership = actor.membership_in(group.scope.group_id)
        assert membership

        def overtaken(*asked: Any) -> int:
            before = really(*asked)
            monkeypatch.setattr(markers, "find_marker", really)
            posting.mark_read(actor, topic, 5)
            return before

        monkeypatch.setattr(markers, "find_marker", overtaken)
        posting.mark_read(actor, topic, 2)
        assert markers.find_marker(membership, topic) == 5


def test_many_tabs_at_once_leave_the_mark_at_the_furthest(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    for _n in range(7):
        world.reply(wren, topic)
    with world.app.app_context():
        actor = heron.actor
        membership = actor.membership_in(group.scope.group_id)
        assert membership
    ready = threading.Barrier(8)

    def read(seq: int) -> None:
        with world.app.app_context():
            ready.wait()
            posting.mark_read(actor, topic, seq)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, [3, 8, 1, 5, 2, 7, 4, 6])) == [None] * 8
    with world.app.app_context():
        assert markers.find_marker(membership, topic) == 8


def test_words_brought_back_are_those_that_were_hidden_last(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one of the team brings a post back, another does, its author changes it, and it is hidden again."""
    group = world.group()
    wren = world.person(group)
    owl, hawk = world.person(group, Role.MODERATOR), world.person(group, Role.MODERATOR)
    said = world.reply(wren, world.topic(wren), "The first words.")
    with world.app.app_context():
        deciding.hide_post(owl.actor, said, "Not here. Please write it anew.", "be-kind")
        really = deciding.prepare

        def overtaken(*asked: Any) -> Any:
            monkeypatch.setattr(deciding, "prepare", really)
            deciding.restore_post(hawk.actor, said)
            posting.edit_post(wren.actor, said, "Other words.", "en")
            world.moment.go(seconds=1)
            deciding.hide_post(hawk.actor, said, "Not these either. Please write it anew.", "be-kind")
            return really(*asked)

        monkeypatch.setattr(deciding, "prepare", overtaken)
        with pytest.raises(Conflict):
            deciding.restore_post(owl.actor, said)
        assert row(select(Post.state, Post.body).where(Post.id == said)) == (PostState.HIDDEN, "")
        deciding.restore_post(owl.actor, said)
        assert row(select(Post.state, Post.body).where(Post.id == said)) == (PostState.VISIBLE, "Other words.")


def test_r6_a_shared_device_reads_on_when_nothing_can_be_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every five minutes a page keeps the sign-in of a shared device alive; that must not cost the page."""
    group = world.group()
    heron = world.person(group, device=SignInKind.SHARED)
    topic = world.topic(world.person(group))
    world.moment.go(minutes=6)

    def full(*_args: object) -> None:
        raise OperationalError("UPDATE sign_in", {}, Exception("disk is full"))

    monkeypatch.setattr(sign_ins, "_keep_alive", full)
    assert heron.get(conversation_url(topic)).status_code == 200


def test_a_post_whose_job_gave_up_is_published_once_that_is_mended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve tries in a day of trouble: the words must not stay "sending in a few seconds" for ever."""
    wren = world.person(world.group())
    topic = world.topic(wren)

    def broken(_payload: jobs.Payload) -> None:
        raise RuntimeError("a bad release")

    with world.app.app_context(), monkeypatch.context() as release:
        release.setitem(jobs._steps, "publish_post", broken)
        said = posting.submit_post(wren.actor, topic, Words("Is anybody there?"), "t").id
        for _n in range(jobs.MAX_ATTEMPTS):
            world.moment.go(hours=5)
            jobs.run_due()
    runner = world.app.test_cli_runner()
    with world.app.app_context():
        assert "RED jobs: 1 gave up" in runner.invoke(args=["doctor"]).output
        assert "To be tried again: 1." in runner.invoke(args=["jobs", "--revive", "--run"]).output
        assert row(select(Post.state).where(Post.id == said)) == (PostState.VISIBLE,)
        assert jobs.list_waiting() == []


def test_the_team_decides_about_many_posts_at_the_same_moment(world: World) -> None:
    """The audit chain is one for all groups: moderators of several press within the same second."""
    at_once = 8
    tasks = []
    for _n in range(at_once):
        group = world.group()
        wren, owl = world.person(group), world.person(group, Role.MODERATOR)
        said = world.reply(wren, world.topic(wren), "Read https://example.org.")
        with world.app.app_context():
            case = row(
                select(CaseItem.id, CaseItem.version).where(CaseItem.post_id == said, CaseItem.kind == CaseKind.HOLD)
            )
            assert case
            tasks.append((owl.actor, case.id, Verdict(Choice.RELEASE, case.version)))
    ready = threading.Barrier(at_once)

    def decide(task: tuple) -> None:
        with world.app.app_context():
            ready.wait()
            decisions.decide(*task)

    with ThreadPoolExecutor(at_once) as pool:
        failed = [one.exception() for one in [pool.submit(decide, task) for task in tasks]]
    assert [type(error).__name__ for error in failed if error] == []
    with world.app.app_context():
        assert row(select(func.count()).select_from(AuditEntry)) == (at_once,)
        assert audit.find_break() is None


def test_editing_and_deciding_at_the_same_moment_stop_neither(world: World) -> None:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(wren)
    for n in range(5):
        said = world.reply(wren, topic, f"Read https://example.org, number {n}.")
        errors = _edit_and_release(world, wren, owl, said)
        assert all(error is None or isinstance(error, ForumError) for error in errors)


def _edit_and_release(world: World, wren: Person, owl: Person, said: int) -> list[BaseException | None]:
    ready = threading.Barrier(2)
    assert owl.group
    with world.app.app_context():
        case = row(
            select(CaseItem.id, CaseItem.version).where(CaseItem.post_id == said, CaseItem.kind == CaseKind.HOLD)
        )
        assert case
        author, judge = wren.actor, owl.actor

    def edit() -> None:
        with world.app.app_context():
            ready.wait()
            posting.edit_post(author, said, "Other words, at https://example.org.", "en")

    def release() -> None:
        with world.app.app_context():
            ready.wait()
            decisions.decide(judge, case.id, Verdict(Choice.RELEASE, case.version))

    with ThreadPoolExecutor(2) as pool:
        return [one.exception() for one in (pool.submit(edit), pool.submit(release))]


def test_a_newcomer_who_taps_join_twice_comes_in(world: World) -> None:
    """The browser drops the first answer, and with it the cookie; what it shows is the answer to the second tap."""
    group = world.group()
    visitor = world.visitor()
    page = visitor.get(f"/g/{group.address}/write").get_data(as_text=True)
    token = re.search(r'name="token" value="([a-z2-7]{26})"', page)
    assert token
    with world.app.app_context():
        found = rules.find_rules(group.scope.group_id)
        assert found
        given = {f"answer-{uid}": answer for uid, answer in answers_for(found).items()}
    form = {"name": "Quiet Fern", "token": token[1], **given}
    cookie = visitor.cookie
    assert cookie
    first = visitor.send(f"/g/{group.address}/join", form)
    assert first.status_code == 303
    visitor.client.set_cookie("__Host-s", cookie, domain="localhost", secure=True)  # the answer never arrived
    second = visitor.send(f"/g/{group.address}/join", form)
    assert second.status_code == 303
    with world.app.app_context():
        assert row(select(func.count()).select_from(Persona)) == (1,)
