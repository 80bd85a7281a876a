"""R1: the program is killed with -9 in mid-write. What was acknowledged is there, once and whole; the rest can be sent again."""

import threading
import time

import pytest
from sqlalchemy import select

from forum.base.db import rows
from forum.models import Post, PostState
from tests.faults import checker
from tests.faults.conftest import now_live
from tests.faults.site import Site
from tests.faults.writers import Writer, all_sent, settle_in, write_until
from tests.world import World, conversation_url

pytestmark = pytest.mark.faults

#: Each place is reached by four writers within a second or two; the ticker and publishing reach some of them too.
DIES_WITHIN_S = 30
#: After the last kill: a dead worker's lease (2 s here), then one tick.
PUBLISHED_WITHIN_S = 20
#: PostgreSQL finishes what a dead client had sent; the rows are read when it has.
SERVER_FINISHES_S = 0.2

#: Place and the how-many-eth time: ten kills on each database.
KILLS = {
    "before commit": (3, 14),
    "after commit": (2, 11),
    "in gate": (1, 9),
    "after reply": (1, 7),
    "between lease and done": (1, 2),
}


def crash(site: Site, writers: list[Writer], **armed: str) -> None:
    """Start, write until it dies, and stop writing."""
    site.start(**armed)
    stop = threading.Event()
    threads = write_until(writers, stop)
    died = site.wait_until_dead(DIES_WITHIN_S)
    stop.set()
    for thread in threads:
        thread.join(40)
    assert died, f"{armed} was never reached\n{site.log_text()}"
    time.sleep(SERVER_FINISHES_S)


def problems_of(world: World, writers: list[Writer]) -> list[str]:
    with world.app.app_context():
        return checker.problems(all_sent(writers))


def wait_until_published(world: World) -> None:
    end = time.monotonic() + PUBLISHED_WITHIN_S
    with world.app.app_context():
        while rows(select(Post.id).where(Post.state == PostState.SENDING)) and time.monotonic() < end:
            time.sleep(0.1)


#: The twins of those places that are tried each time.
TWINS_EACH_TIME = ("commit_after_reply", "forget_tokens")
#: Each time: what could be lost, on both databases, and what could be there twice. The others die at night.
EACH_TIME = {"after commit": [pytest.mark.both], "before commit": []}


@pytest.mark.parametrize(
    "place", [pytest.param(place, marks=EACH_TIME.get(place, [pytest.mark.nightly])) for place in KILLS]
)
def test_r1_what_was_acknowledged_survives_a_kill(people: World, site: Site, place: str) -> None:
    writers = settle_in(people, site.url)
    now_live(people)
    for time_reached in KILLS[place]:
        crash(site, writers, FORUM_FAILPOINT=f"{place}:{time_reached}")
        assert problems_of(people, writers) == []

    site.start()
    for writer in writers:
        writer.retry()
    # A fast machine may have died before anybody's fifth post, the first that the gate holds.
    writers[0].held_every = 1
    writers[0].post()
    assert [form for writer in writers for form in writer.open_forms()] == []
    wait_until_published(people)
    assert problems_of(people, writers) == []
    with people.app.app_context():
        assert {r.state for r in rows(select(Post.state))} == {PostState.VISIBLE, PostState.HELD}
    _a_reader_catches_up(people, writers[0])


def _a_reader_catches_up(world: World, reader: Writer) -> None:
    """Whoever missed the hints asks over HTTP, and gets every shown post of the topic."""
    answer = reader.browser.get(f"{conversation_url(reader.topic)}/changes?after=0")
    with world.app.app_context():
        shown = rows(select(Post.id).where(Post.conversation_id == reader.topic, Post.state == PostState.VISIBLE))
    assert answer.status == 200
    assert answer.text.count('"seq"') == len(shown) or '"reload":true' in answer.text.replace(" ", "")


#: Which broken promise each twin must be caught at, and where it is killed.
TWINS = {
    "commit_after_reply": ("before commit:6", "acknowledged and lost"),
    "commit_after_reply in the gate": ("in gate:3", "acknowledged and lost"),
    "forget_tokens": ("after commit:4", "posted 2 times"),
    "finish_first": ("between lease and done:1", "half a sending post"),
    "record_later": ("after commit:3", "half a held post"),  # commits in turn: a post, its case, the next post
}


@pytest.mark.parametrize(
    "twin", [pytest.param(twin, marks=[] if twin in TWINS_EACH_TIME else [pytest.mark.nightly]) for twin in TWINS]
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_r1_the_checker_catches_the_bad_twin(people: World, site: Site, twin: str) -> None:
    place, caught = TWINS[twin]
    name = twin.split()[0]
    writers = settle_in(people, site.url, writers=1 if name == "record_later" else 4)
    for writer in writers:
        writer.held_every = 1 if name == "record_later" else 1000
    now_live(people)
    crash(site, writers, FORUM_TWIN=name, FORUM_FAILPOINT=place)
    if name == "forget_tokens":
        site.start(FORUM_TWIN=name)
        for writer in writers:
            writer.retry()
    found = problems_of(people, writers)
    assert any(caught in problem for problem in found), found


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_r1_two_hundred_kills_at_any_moment(people: World, site: Site) -> None:
    """The moment is not chosen by the program: 0 to 500 ms after the first answer."""
    writers = settle_in(people, site.url)
    now_live(people)
    for n in range(200):
        site.start()
        stop = threading.Event()
        threads = write_until(writers, stop)
        time.sleep((n * 37 % 101) / 200)
        site.kill9()
        stop.set()
        for thread in threads:
            thread.join(40)
        time.sleep(SERVER_FINISHES_S)
        if n % 20 == 19:
            assert problems_of(people, writers) == []
    site.start()
    for writer in writers:
        writer.retry()
    wait_until_published(people)
    assert problems_of(people, writers) == []
