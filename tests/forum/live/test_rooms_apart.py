"""A live room over several processes behind a real nginx, with Redis between them: well, away, hung, wiped (R3 to R5, R9)."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from benchmarks import crowd
from benchmarks.crowd import Line
from forum.base.idents import new_ident, write_ident
from tests.forum.live.served import Reader, Served, cookie_header, environment, gunicorn, send_form, soon
from tests.forum.live.test_rooms import heard, say
from tests.services import Nginx, Redis
from tests.world import Person

FACTORY = "tests.forum.live.rooms_app:create_app()"


@pytest.fixture(scope="module")
def both(house, redis_server: Redis) -> Iterator[tuple[Served, Served]]:
    """Two processes over one database and one Redis."""
    env = environment(house[1], REDIS_URL=redis_server.url)
    with gunicorn(FACTORY, env) as here, gunicorn(FACTORY, env) as there:
        yield here, there


@pytest.fixture
def opens_at() -> Iterator[Callable[..., Reader]]:
    opened: list[Reader] = []

    def open_page(url: str, person: Person, room: bytes) -> Reader:
        opened.append(Reader(url, person))
        assert "feed" in opened[-1].join(room)
        return opened[-1]

    yield open_page
    for reader in opened:
        reader.close()


def changes(served: Served, person: Person, room: bytes, after: int = 0) -> Any:
    """As a page asks that has no line."""
    url = f"{served.url}/c/{write_ident(room)}/changes?after={after}"
    return requests.get(url, headers={"Cookie": cookie_header(person)}, timeout=5).json()


def test_a_message_reaches_the_other_process_and_all_behind_nginx(
    both, nginx_server: Nginx, opens_at, people, group, room
):
    nginx_server.point_at(*(urlsplit(one.url).port or 0 for one in both))
    pages = [opens_at(url, people.person(group), room) for url in (both[0].url, both[1].url, *[nginx_server.url] * 4)]
    assert soon(lambda: "post" in say(pages[0], room, "Hello.") and soon(lambda: heard(pages[1]), 0.5), 15)
    last = say(pages[2], room, "Hello from behind.")
    assert soon(lambda: all(heard(page) and heard(page)[-1]["changes"][-1]["seq"] >= last["seq"] for page in pages))
    assert pages[2].client.transport() == "websocket"


def test_sec_s9_signing_out_ends_words_in_the_other_process(both, opens_at, people, group, room):
    goes = people.person(group)
    there, stays = opens_at(both[1].url, goes, room), opens_at(both[0].url, people.person(group), room)
    clicked = time.monotonic()
    assert send_form(both[0], goes, "/sign-out").status_code == 303
    assert soon(lambda: there.closed_at, 2)
    assert there.closed_at
    assert there.closed_at - clicked < 1.5
    say(stays, room, "Only for those here.")
    assert soon(lambda: heard(stays))
    assert there.hints == []


def quickest(page: Reader, room: bytes) -> float:
    """The quickest of eight answers, in seconds."""
    found = []
    for n in range(8):
        began = time.monotonic()
        assert "post" in say(page, room, f"{n}.")
        found.append(time.monotonic() - began)
        time.sleep(0.2)
    return min(found)


@pytest.mark.faults
@pytest.mark.parametrize(("fault", "more_s"), [(Redis.kill9, 0.02), (Redis.pause, 0.1)], ids=["r3 refused", "r4 hung"])
def test_r3_r4_without_redis_messages_are_kept_as_quickly_and_asked_for(
    both, redis: Redis, opens_at, people, group, room, fault, more_s
):
    reader = people.person(group)
    here, near = opens_at(both[0].url, people.person(group), room), opens_at(both[0].url, people.person(group), room)
    opens_at(both[1].url, reader, room)
    well = quickest(here, room)
    fault(redis)
    other = opens_at(both[0].url, people.person(group), room)
    assert quickest(other, room) < well + more_s
    assert soon(lambda: heard(near) and heard(near)[-1]["to"] == 16, 2), "its own process needs no Redis"
    told = changes(both[1], reader, room)
    assert [change["seq"] for change in told["changes"]] == list(range(1, 17))


@pytest.mark.faults
def test_r5_a_wiped_redis_loses_nothing(both, redis: Redis, opens_at, people, group, room):
    here, there = (opens_at(one.url, people.person(group), room) for one in both)
    assert soon(lambda: "post" in say(here, room, "Before.") and soon(lambda: heard(there), 0.5), 15)
    redis.flush()
    last = say(here, room, "After.")
    assert soon(lambda: heard(there)[-1]["changes"][-1]["post"] == last["post"])


@pytest.mark.nightly
@pytest.mark.faults
def test_r9_a_rolling_restart_with_200_pages_loses_no_message(
    house, nginx_server: Nginx, redis_server: Redis, people, group, room
):
    """Each process in turn is told to stop while somebody writes; its pages are let go within ten seconds and come back."""
    env, conversation = environment(house[1], REDIS_URL=redis_server.url), write_ident(room)
    persons = [people.person(group, name=f"Bird {n}") for n in range(200)]
    keys = [(cookie_header(person), person.form_token()) for person in persons]
    with ExitStack() as stack:
        running = [stack.enter_context(gunicorn(FACTORY, env)) for _ in range(2)]
        nginx_server.point_at(*(urlsplit(one.url).port or 0 for one in running))
        lines = [crowd.join(nginx_server.url, *key, conversation) for key in keys]
        kept, waits = [], []
        for n in range(2):
            new = stack.enter_context(gunicorn(FACTORY, env))
            began = time.monotonic()
            running[n].process.send_signal(signal.SIGTERM)
            running[n].process.wait(10)
            assert time.monotonic() - began < 10
            running[n] = new
            nginx_server.point_at(*(urlsplit(one.url).port or 0 for one in running))
            for at, line in enumerate(lines):
                if is_closed(line):
                    line.close()
                    back = time.monotonic()
                    lines[at] = crowd.join(nginx_server.url, *keys[at], conversation)
                    waits.append(time.monotonic() - back)
            kept += [sent["post"] for sent in (post_by_form(nginx_server.url, persons[m], room, m) for m in range(5))]
        assert sorted(waits)[int(len(waits) * 0.95)] < 1
        for line in lines:
            line.close()
        told = changes(running[0], persons[0], room)["changes"]
        assert [change["post"] for change in told] == kept


def is_closed(line: Line) -> bool:
    """Whether the server let go of it."""
    line.socket.settimeout(0.01)
    try:
        while data := line.socket.recv(65536):
            if data[0] == 0x88:
                return True
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def post_by_form(url: str, person: Person, room: bytes, n: int) -> Any:
    """As a page without a line sends; as often as it takes, with one key."""
    token, said = write_ident(new_ident()), None
    for _ in range(5):
        form = {"csrf_token": person.form_token(), "body": f"Message {n}.", "token": token}
        headers = {"Cookie": cookie_header(person), "Origin": url}
        said = requests.post(f"{url}/-/say/{write_ident(room)}", data=form, headers=headers, timeout=10)
        if said.ok:
            return said.json()
        time.sleep(0.2)
    raise AssertionError(said)
