"""R7: the same form sent twice or twenty times (double tap, reload, Back, retry) is one post, and every answer shows it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from forum.base.db import rows
from forum.base.idents import write_ident
from forum.models import Conversation, Post, PostState
from tests.conftest import Database
from tests.faults import checker
from tests.faults.conftest import environment_of, now_live
from tests.faults.site import Answer, Browser, Site, browser_of
from tests.faults.writers import settle_in
from tests.world import World, conversation_url

pytestmark = pytest.mark.faults

AT_ONCE = 20


def at_once(browsers: list[Browser], path: str, form: dict[str, str]) -> list[Answer]:
    """Send one form twenty times at the same moment."""
    ready = threading.Barrier(AT_ONCE)

    def send(browser: Browser) -> Answer:
        ready.wait()
        return browser.send(path, form)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, [browsers[n % len(browsers)] for n in range(AT_ONCE)]))


def posts_saying(world: World, body: str) -> list[tuple[int, PostState]]:
    with world.app.app_context():
        return [(r.id, r.state) for r in rows(select(Post.id, Post.state).where(Post.body == body))]


def sound(world: World) -> list[str]:
    with world.app.app_context():
        return [*checker.half_posts(), *checker.wrong_counters()]


@pytest.mark.parametrize("masked", ["", "yes"])
def test_r7_twenty_at_once_are_one_post(people: World, site: Site, masked: str) -> None:
    writer = settle_in(people, site.url, writers=1)[0]
    now_live(people)
    site.start()
    path = f"{conversation_url(writer.topic)}/posts"
    answers = at_once([writer.browser], path, {"body": "Once only.", "token": "t", "masked": masked})
    assert {a.status for a in answers} == {303}
    assert len({a.post for a in answers}) == 1
    site.kill9()
    assert len(posts_saying(people, "Once only.")) == 1
    assert sound(people) == []


def test_r7_twenty_topics_at_once_are_one_topic(people: World, site: Site) -> None:
    writer = settle_in(people, site.url, writers=1)[0]
    now_live(people)
    site.start()
    assert writer.person.group
    path = f"/b/{write_ident(writer.person.group.board)}/write"
    answers = at_once([writer.browser], path, {"title": "Once only", "body": "Begun once.", "token": "t"})
    assert {a.status for a in answers} == {303}
    assert len({a.post for a in answers}) == 1
    site.kill9()
    with people.app.app_context():
        assert rows(select(func.count()).where(Conversation.title == "Once only"))[0][0] == 1
    assert sound(people) == []


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_r7_two_processes_make_one_post_of_it(
    people: World, site: Site, app: Flask, database: Database, tmp_path: Path
) -> None:
    writer = settle_in(people, site.url, writers=1)[0]
    now_live(people)
    other = Site(environment_of(app, database.url, tmp_path), tmp_path / "other.log")
    try:
        site.start()
        other.start()
        browsers = [writer.browser, browser_of(writer.person, other.url)]
        form = {"body": "From two doors.", "token": "t", "masked": "yes"}
        answers = at_once(browsers, f"{conversation_url(writer.topic)}/posts", form)
    finally:
        other.kill9()
        site.kill9()
    assert {a.status for a in answers} == {303}
    assert len({a.post for a in answers}) == 1
    assert len(posts_saying(people, "From two doors.")) == 1
    assert sound(people) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_r7_the_twin_without_tokens_is_caught(people: World, site: Site) -> None:
    writer = settle_in(people, site.url, writers=1)[0]
    now_live(people)
    site.start(FORUM_TWIN="forget_tokens")
    path = f"{conversation_url(writer.topic)}/posts"
    answers = at_once([writer.browser], path, {"body": "Once only.", "token": "t"})
    assert len({a.post for a in answers}) == AT_ONCE
    assert len(posts_saying(people, "Once only.")) == AT_ONCE


def test_r7_reload_and_back_show_the_first_result(people: World, site: Site) -> None:
    """A reload sends the same words; after Back somebody may have changed them, and then those are kept as well."""
    writer = settle_in(people, site.url, writers=1)[0]
    now_live(people)
    site.start()
    path, first = f"{conversation_url(writer.topic)}/posts", {"body": "As first sent.", "token": "t"}
    answers = [
        writer.browser.send(path, first),
        writer.browser.send(path, {**first, "masked": "yes"}),
    ]
    assert {(a.status, a.post) for a in answers} == {(303, answers[0].post)}
    changed = writer.browser.send(path, {"body": "Changed after Back.", "token": "t", "masked": "yes"})
    assert (changed.status, changed.post != answers[0].post) == (303, True)
    assert len(posts_saying(people, "As first sent.")) == 1
    assert len(posts_saying(people, "Changed after Back.")) == 1


def test_r7_a_retry_after_a_timeout_is_the_same_post(people: World, site: Site) -> None:
    """The phone gave up while the server was still at it."""
    writer = settle_in(people, site.url, writers=1)[0]
    now_live(people)
    site.start(FORUM_GATE="slow")
    path, form = f"{conversation_url(writer.topic)}/posts", {"body": "Slowly.", "token": "t"}
    writer.browser.timeout = 0.5
    with pytest.raises(TimeoutError):
        writer.browser.send(path, form)
    writer.browser.timeout = 30
    answer = writer.browser.send(path, form)
    assert answer.status == 303
    assert len(posts_saying(people, "Slowly.")) == 1
    assert sound(people) == []


def test_r7_a_retry_after_a_crash_between_commit_and_answer_is_the_same_post(people: World, site: Site) -> None:
    writer = settle_in(people, site.url, writers=1)[0]
    now_live(people)
    site.start(FORUM_FAILPOINT="after commit:1")
    path, form = f"{conversation_url(writer.topic)}/posts", {"body": "Kept, not answered.", "token": "t"}
    with pytest.raises(OSError):
        writer.browser.send(path, form)
    assert site.wait_until_dead(5)
    kept = posts_saying(people, "Kept, not answered.")
    assert len(kept) == 1
    site.start()
    answers = [writer.browser.send(path, form) for _n in range(2)]
    assert {a.status for a in answers} == {303}
    assert [post_id for post_id, _state in posts_saying(people, "Kept, not answered.")] == [kept[0][0]]
    assert {a.post for a in answers} == {checker.write_post_id(kept[0][0])}
