"""Several processes and Redis between them: it makes things sooner, and nothing waits for it (decisions.md §7)."""

import time
from collections.abc import Iterator

import pytest

from tests.forum.live.served import Reader, Served, Talk, change, environment, gunicorn, send_form, soon
from tests.services import Redis

#: Less than a publisher's patience with Redis (`forum.live.meeting.PATIENCE`): a form that waited for it took that long each
#: time. The quickest of several tells that from a slow machine.
AT_ONCE_S = 0.2
#: Of so many forms one is as quick as the machine can.
FORMS = 10
#: A hung Redis once took ten seconds of the first form. No busy machine takes half of that.
WAITS_FOR_REDIS_S = 5.0


@pytest.fixture(scope="module")
def both(house, redis_server: Redis) -> Iterator[tuple[Served, Served]]:
    """Two processes over one database and one Redis."""
    env = environment(house[1], REDIS_URL=redis_server.url)
    with gunicorn("wsgi:create_app()", env) as here, gunicorn("wsgi:create_app()", env) as there:
        yield here, there


@pytest.fixture
def pages(both: tuple[Served, Served], talk: Talk) -> Iterator[tuple[Reader, Reader]]:
    """The reader's page at the first process, the author's at the second; both heard a hint already."""
    near, far = Reader(both[0].url, talk.reader), Reader(both[1].url, talk.author)
    near.join(talk.conversation)
    far.join(talk.conversation)
    assert soon(lambda: heard_after_a_change(both[0], talk, near) and far.hints, 20)
    time.sleep(0.6)  # longer than any time-out of ours: idle listening must survive it
    near.hints.clear()
    far.hints.clear()
    yield near, far
    near.close()
    far.close()


def heard_after_a_change(served: Served, talk: Talk, page: Reader) -> bool:
    change(served, talk)
    return soon(lambda: page.hints, 0.5)


def seconds_to_change(served: Served, talk: Talk) -> float:
    began = time.monotonic()
    change(served, talk)
    return time.monotonic() - began


def test_a_hint_reaches_the_other_process(both, talk: Talk, pages: tuple[Reader, Reader]):
    near, far = pages
    change(both[0], talk)
    assert soon(lambda: near.hints and far.hints, 1)
    assert near.hints[0][1:] == far.hints[0][1:]


def test_sec_s9_signing_out_here_hangs_up_there(both, talk: Talk, pages: tuple[Reader, Reader]):
    _near, far = pages
    clicked = time.monotonic()
    assert send_form(both[0], talk.author, "/sign-out").status_code == 303
    assert soon(lambda: far.closed_at)
    assert far.closed_at
    assert far.closed_at - clicked < 1.5


def quickest(served: Served, talk: Talk) -> float:
    """The quickest of ten forms: one that waits for Redis waits each time, and a busy machine does not."""
    return min(seconds_to_change(served, talk) for _ in range(FORMS))


@pytest.mark.faults
def test_r3_with_redis_gone_posting_takes_no_longer(both, redis: Redis, talk: Talk):
    """security.md R3: at most 20 ms longer than with it."""
    well = quickest(both[0], talk)
    redis.kill9()
    assert quickest(both[0], talk) < well + 0.02


@pytest.mark.faults
def test_r4_with_redis_hung_no_request_waits_for_it(both, redis: Redis, talk: Talk):
    """security.md R4: at most 100 ms, where redis-py waits ten seconds."""
    well = quickest(both[0], talk)
    redis.pause()
    assert quickest(both[0], talk) < well + 0.1


@pytest.mark.faults
@pytest.mark.parametrize("fault", [Redis.pause, Redis.kill9])
def test_r3_r4_without_redis_ends_are_hung_up(both, redis: Redis, talk: Talk, pages, fault):
    near, far = pages
    well = quickest(both[0], talk)
    assert soon(lambda: len(near.hints) == FORMS, 1), "or one of these is counted below"
    near.hints.clear()
    fault(redis)
    took = sorted(seconds_to_change(both[0], talk) for _ in range(5))
    assert took[0] < well + AT_ONCE_S, "one that waits for Redis waits each time"
    assert took[-1] < WAITS_FOR_REDIS_S, "nor does the first of them wait till Redis is given up"
    assert soon(lambda: len(near.hints) == 5, 1), "its own process needs no Redis"
    clicked = time.monotonic()
    assert send_form(both[0], talk.author, "/sign-out").status_code == 303
    assert time.monotonic() - clicked < WAITS_FOR_REDIS_S
    assert soon(lambda: far.closed_at)
    assert far.closed_at
    assert far.closed_at - clicked < 1.5


@pytest.mark.faults
@pytest.mark.parametrize("fault", [Redis.pause, Redis.kill9])
def test_hints_travel_again_when_redis_is_back(both, redis: Redis, talk: Talk, pages, fault):
    _near, far = pages
    fault(redis)
    change(both[0], talk)
    time.sleep(1)
    redis.resume()
    redis.restart()
    far.hints.clear()
    assert soon(lambda: heard_after_a_change(both[0], talk, far), 20)
