"""The gate in trouble: killed, raising, slow. A post is held or not saved, its author keeps the words, others are served."""

import threading
import time

import pytest
from sqlalchemy import func, select

from forum.base.db import rows
from forum.base.pools import SHORT_BYTES
from forum.models import Mask, Post, PostState, Resend
from moderation.models import CaseItem, CaseKind
from tests.faults import checker
from tests.faults.conftest import now_live
from tests.faults.site import Answer, Site, get, kept_words
from tests.faults.writers import Writer, settle_in
from tests.world import World, conversation_url

pytestmark = [pytest.mark.faults, pytest.mark.pages]

WORDS = "My own <words>,\nand a canary-7351."
#: What a gate may be slow about: fewer bytes are looked through in ten milliseconds at worst, and without a thread.
LONG = WORDS + " It was a long night." * (SHORT_BYTES // 10)
#: The gate thinks for two seconds; a page that waited for it takes nearly as long, one that did not takes milliseconds.
WAITED_S = 1.5


def start(world: World, site: Site, **env: str) -> Writer:
    writer = settle_in(world, site.url, writers=1)[0]
    now_live(world)
    site.start(**env)
    return writer


def post(writer: Writer, words: str = WORDS, masked: str = "") -> Answer:
    path = f"{conversation_url(writer.topic)}/posts"
    return writer.browser.send(path, {"body": words, "token": "t", "masked": masked})


@pytest.mark.parametrize(("broken", "reason"), [("screen", "unscreened"), ("decide", "undecided")])
def test_a_gate_that_raises_holds_the_post(people: World, site: Site, broken: str, reason: str) -> None:
    writer = start(people, site, FORUM_GATE=broken)
    answer = post(writer)
    assert answer.status == 303
    with people.app.app_context():
        kept = rows(select(Post.id, Post.state).where(Post.body == WORDS))
        assert [r.state for r in kept] == [PostState.HELD]
        cases = rows(select(CaseItem.reasons).where(CaseItem.post_id == kept[0].id, CaseItem.kind == CaseKind.HOLD))
        assert [c.reasons for c in cases] == [reason]
        assert checker.half_posts() == []
    assert "canary" not in site.log_text()


@pytest.mark.parametrize("masked", ["", "yes"])
def test_a_gate_that_cannot_record_saves_nothing_and_keeps_the_words(people: World, site: Site, masked: str) -> None:
    writer = start(people, site, FORUM_GATE="record")
    answer = post(writer, masked=masked)
    assert answer.status == 500
    assert kept_words(answer.text) == WORDS
    assert "canary" not in site.log_text()
    with people.app.app_context():
        assert rows(select(Post.id).where(Post.body == WORDS)) == []
        assert rows(select(Mask.id)) == []
        assert rows(select(func.count()).select_from(Resend))[0][0] == len(rows(select(Post.id)))
        assert checker.wrong_counters() == []
    site.kill9()
    site.start()
    assert post(writer, masked=masked).status == 303, "the same form goes through once the gate is well again"


def test_a_gate_that_dies_takes_no_words_with_it(people: World, site: Site) -> None:
    """The browser still has the form: nothing was answered. Sending it again makes the one post."""
    writer = start(people, site, FORUM_FAILPOINT="in gate:1")
    with pytest.raises(OSError):
        post(writer)
    assert site.wait_until_dead(5)
    with people.app.app_context():
        assert rows(select(Post.id).where(Post.body == WORDS)) == []
    site.start()
    assert post(writer).status == 303
    with people.app.app_context():
        assert len(rows(select(Post.id).where(Post.body == WORDS))) == 1


def slowest_page_while_posting(site: Site, writer: Writer) -> tuple[float, list[int]]:
    """Seconds that the slowest page took while the gate was at work, and what the poster was answered."""
    answered: list[int] = []
    thread = threading.Thread(target=lambda: answered.append(post(writer, LONG).status))
    thread.start()
    slowest = 0.0
    while not answered:
        for page in ("/help", f"{conversation_url(writer.topic)}/changes?after=0"):
            began = time.monotonic()
            assert get(site.url, page, writer.browser.cookie).status == 200
            slowest = max(slowest, time.monotonic() - began)
    thread.join()
    return slowest, answered


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_others_are_served_while_the_gate_is_slow(people: World, site: Site) -> None:
    writer = start(people, site, FORUM_GATE="slow")
    get(site.url, "/help")  # the first page compiles its template
    slowest, answered = slowest_page_while_posting(site, writer)
    assert answered == [303]
    assert slowest < WAITED_S


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_gate_in_the_event_loop_would_be_noticed(people: World, site: Site) -> None:
    """The bad twin: screening without a thread of its own stops everybody."""
    writer = start(people, site, FORUM_GATE="slow in the loop")
    get(site.url, "/help")
    slowest, _answered = slowest_page_while_posting(site, writer)
    assert slowest > WAITED_S
