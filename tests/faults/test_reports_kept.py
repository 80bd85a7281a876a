"""A report is kept or not sent, whatever happens to the program; and its doors answer when others have to wait."""

import threading

import pytest
from sqlalchemy import func, select

from forum.base.db import rows
from forum.base.transaction import transaction
from forum.conversations import looking_after, restrictions
from forum.groups import reading
from forum.models import Post, Role
from forum.web import limits
from forum.web.sign_ins import hash_of
from moderation.models import CaseItem, Evidence, Report
from tests.faults.conftest import now_live
from tests.faults.site import Site, browser_of
from tests.faults.writers import settle_in, write_until
from tests.world import Person, World, post_url, text_of

WORDS = "It hurts me, and a canary-9143."
DIES_WITHIN_S = 30


def told_about(world: World) -> tuple[Person, int]:
    """Somebody who tells, and the post they tell about."""
    group = world.group()
    wren, heron, _owl = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    return heron, world.reply(wren, world.topic(heron), "Cruel words.")


def kept(world: World) -> tuple[int, int, int]:
    """How many items, copies and reports there are of what somebody told."""
    with world.app.app_context():
        items = rows(select(func.count()).where(CaseItem.post_id.is_(None)))[0][0]
        copies = rows(select(func.count()).where(Evidence.item_id.is_not(None)))[0][0]
        return items, copies, rows(select(func.count()).select_from(Report))[0][0]


@pytest.mark.faults
def test_r1_a_report_that_was_taken_survives_a_kill(people: World, site: Site) -> None:
    heron, post = told_about(people)
    now_live(people)
    browser = browser_of(heron, site.url)
    site.start()
    answer = browser.send(post_url(post, "report"), {"body": WORDS})
    site.kill9()
    assert answer.status == 303
    assert kept(people) == (1, 1, 1)
    site.start()
    assert "canary-9143" in browser.get(answer.headers["location"]).text
    assert "canary" not in site.log_text()


@pytest.mark.faults
@pytest.mark.parametrize("place", ["before commit", pytest.param("after commit", marks=pytest.mark.both)])
def test_r1_a_report_is_whole_or_not_there_and_can_be_sent_again(people: World, site: Site, place: str) -> None:
    heron, post = told_about(people)
    now_live(people)
    browser = browser_of(heron, site.url)
    site.start(FORUM_FAILPOINT=f"{place}:1")
    with pytest.raises(OSError):
        browser.send(post_url(post, "report"), {"body": WORDS})
    assert site.wait_until_dead(DIES_WITHIN_S)
    assert len(set(kept(people))) == 1, "half a report"
    site.start()
    assert browser.send(post_url(post, "report"), {"body": WORDS}).status == 303
    assert kept(people) == (1, 1, 1)


@pytest.mark.faults
def test_sec_s12_both_doors_answer_under_a_flood(people: World, site: Site) -> None:
    """Four people post as fast as they can; somebody worries all the same."""
    writers = settle_in(people, site.url)
    first = people.reply(writers[0].person, writers[0].topic, "Words before the flood.")
    now_live(people)
    site.start()
    stop = threading.Event()
    threads = write_until(writers, stop)
    browser = browser_of(writers[1].person, site.url)
    answers = [
        browser.get(post_url(first, "worry")).status,
        browser.send(post_url(first, "worry"), {"body": WORDS}).status,
        browser.send(post_url(first, "report"), {"body": WORDS}).status,
    ]
    stop.set()
    for thread in threads:
        thread.join(40)
    assert answers == [200, 303, 303]
    assert kept(people) == (2, 2, 2)


def test_sec_s12_no_limit_stands_before_a_report(world: World) -> None:
    """Far too much read within the hour, all room for long forms taken, a slow topic, held posts: the doors open."""
    heron, post = told_about(world)
    assert heron.group
    owl = world.person(heron.group, Role.MODERATOR)
    topic = heron.get(post_url(post)).headers["Location"]
    with world.app.app_context():
        for n in range(2 * reading.FREE):
            reading.note(_hash_of(heron), heron.group.scope.group_id, n.to_bytes(16))
        conversation = _conversation_of(post)
        looking_after.slow_down(owl.actor, conversation, 480, "It is late.")
        with transaction():
            restrictions.hold_posts(heron.group.scope, heron.persona_id, heron.persona_id)
    taken = [limits._places.acquire(blocking=False) for _n in range(limits.MOST_LONG_FORMS)]
    try:
        assert heron.get(topic.split("#")[0]).status_code == 429
        for door in ("report", "worry", "report-person"):
            assert heron.get(post_url(post, door)).status_code == 200
            answer = heron.send(post_url(post, door), {"body": WORDS})
            assert answer.status_code == 303
            assert WORDS in text_of(heron.get(answer.headers["Location"]))
    finally:
        for _place in taken:
            limits._places.release()
    assert kept(world) == (3, 3, 3)


def _hash_of(person: Person) -> bytes:
    return hash_of(person.cookie or "")


def _conversation_of(post: int) -> bytes:
    return bytes(rows(select(Post.conversation_id).where(Post.id == post))[0][0])
