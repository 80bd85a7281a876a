"""R16: when everybody asks at once, those who ask most wait, and nobody in need does."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import wsgi
from forum.web.fairness import Fair
from forum.web.overload import (
    LATE_S,
    MOST_AT_ONCE,
    MOST_FROM_ONE_PLACE,
    MOST_PAGES,
    REMEMBERED_S,
    STILL_A_CROWD,
    WINDOW_S,
    Overload,
)
from tests.security.test_crisis import shows_numbers
from tests.world import World


@pytest.fixture(autouse=True)
def crowds_count(nobody_is_a_crowd: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unlike in all other tests."""
    monkeypatch.setattr("forum.web.overload.LATE_S", LATE_S)


class Watch:
    """Seconds as the test says them."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def busy(watch: Watch) -> Overload:
    """A process in which a turn came late just now."""
    overload = Overload(lambda: b"a page", watch)
    overload.note_turn(LATE_S + 0.1)
    return overload


def asks(cookie: str = "__Host-s=somebody", path: str = "/c/one", method: str = "GET", **more: str) -> dict[str, Any]:
    return {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_COOKIE": cookie, "REMOTE_ADDR": "192.0.2.7", **more}


def refused(overload: Overload, times: int, **asked: str) -> int:
    return sum(overload.refuses(asks(**asked)) for _ in range(times))


def test_r16_whoever_asks_for_page_after_page_waits(busy: Overload) -> None:
    assert refused(busy, MOST_PAGES) == 0
    assert refused(busy, 100) == 100
    assert refused(busy, MOST_PAGES, cookie="__Host-s=somebody else of the same house") == 0


def test_r16_on_a_quiet_evening_nobody_is_counted(watch: Watch) -> None:
    quiet = Overload(lambda: b"", watch)
    quiet.note_turn(LATE_S / 2)
    assert refused(quiet, 10_000) == 0


@pytest.mark.parametrize(
    "free",
    [
        {"method": "POST"},
        {"path": "/leave"},
        {"path": "/sign-in"},
        {"path": "/static/dist/app.css"},
        {"path": "/healthz"},
    ],
)
def test_r16_words_and_the_ways_in_and_out_are_never_refused(busy: Overload, free: dict[str, str]) -> None:
    refused(busy, 500)
    assert refused(busy, 500, **free) == 0


def test_r16_who_makes_up_a_cookie_each_time_is_known_by_their_address(busy: Overload) -> None:
    asked = [busy.refuses(asks(cookie=f"__Host-s={n}")) for n in range(2 * MOST_FROM_ONE_PLACE)]
    assert asked == [False] * MOST_FROM_ONE_PLACE + [True] * MOST_FROM_ONE_PLACE
    assert not busy.refuses(asks(REMOTE_ADDR="192.0.2.8"))


def test_r16_behind_a_proxy_its_word_counts_and_a_strangers_does_not(watch: Watch) -> None:
    overload = Overload(lambda: b"", watch)
    overload.note_turn(1.0)
    proxied = ProxyFix(lambda environ, _start: [b"503" if overload.refuses(environ) else b"200"], x_for=1)

    def told(cookie: str, said: str) -> list[bytes]:
        return list(proxied(asks(cookie=cookie, HTTP_X_FORWARDED_FOR=said), print))  # type: ignore[arg-type]

    for n in range(2 * MOST_FROM_ONE_PLACE):
        told(str(n), f"10.0.0.{n}, 198.51.100.1")
    assert told("new", "10.9.9.9, 198.51.100.1") == [b"503"]
    assert told("new", "10.9.9.9, 198.51.100.2") == [b"200"]


def test_r16_the_program_believes_its_proxy_before_it_counts(world: World) -> None:
    """Else all who come through one proxy would be one place, and wait for each other."""
    settings = replace(world.app.extensions["settings"], demo=True)
    apart, proxied = Flask("apart"), Flask("proxied")
    wsgi._surround(apart, settings)
    wsgi._surround(proxied, replace(settings, proxy_hops=2))
    assert isinstance(apart.wsgi_app, Fair), "with none in front nobody's word counts"
    assert isinstance(proxied.wsgi_app, ProxyFix)
    assert (proxied.wsgi_app.x_for, proxied.wsgi_app.x_proto, proxied.wsgi_app.x_host) == (2, 2, 0)
    assert isinstance(proxied.wsgi_app.app, Fair)


def test_r16_it_is_over_when_turns_come_in_time_again(busy: Overload, watch: Watch) -> None:
    refused(busy, 100)
    watch.at += REMEMBERED_S
    assert refused(busy, 1) == 0
    busy.note_turn(1.0)
    watch.at += WINDOW_S - REMEMBERED_S
    busy.note_turn(1.0)
    assert refused(busy, 1) == 0, "a new window begins with nothing"


def test_r16_a_crowd_that_is_refused_and_asks_on_is_not_let_in_again(busy: Overload, watch: Watch) -> None:
    for _second in range(60):
        watch.at += REMEMBERED_S / 2
        refused(busy, MOST_PAGES + STILL_A_CROWD)
    assert refused(busy, 100) == 100, "no turn came late for a minute"
    watch.at += REMEMBERED_S
    assert refused(busy, 100) == 0, "it went away"


def test_r16_one_impatient_hand_is_no_crowd(busy: Overload, watch: Watch) -> None:
    refused(busy, MOST_PAGES)
    for _press in range(STILL_A_CROWD - 1):
        watch.at += REMEMBERED_S / STILL_A_CROWD
        refused(busy, 1)
    watch.at += REMEMBERED_S
    assert refused(busy, 1) == 0


def test_r16_the_answer_says_whom_to_call_and_is_fenced_like_all(world: World) -> None:
    outermost = world.app.wsgi_app
    outermost._overload.note_turn(10.0)
    client = world.visitor().client
    try:
        answers = [client.get("/", base_url="https://localhost") for _ in range(MOST_PAGES + 1)]
    finally:
        outermost._overload._busy_until = 0.0
    assert [answer.status_code for answer in answers] == [200] * MOST_PAGES + [503]
    last = answers[-1]
    assert last.headers["Retry-After"] == "10"
    assert last.headers["Content-Security-Policy"] == answers[0].headers["Content-Security-Policy"]
    assert last.headers["Cache-Control"] == "no-store"
    assert shows_numbers(last.get_data(as_text=True), "england")


def test_r16_many_pages_that_wait_for_the_database_are_a_crowd_too(watch: Watch) -> None:
    overload = Overload(lambda: b"", watch)

    def deeper(n: int) -> list[bytes]:
        return overload.ask(lambda *_: deeper(n - 1) if n else [], asks(cookie=str(n), REMOTE_ADDR=str(n)), print)  # type: ignore[return-value]

    deeper(MOST_AT_ONCE - 1)
    assert refused(overload, 100) == 0
    deeper(MOST_AT_ONCE)
    assert refused(overload, 100) == 100 - MOST_PAGES
    deeper(MOST_AT_ONCE)
    assert overload._under_way == 0


def test_r16_open_sockets_are_no_crowd(watch: Watch) -> None:
    overload = Overload(lambda: b"", watch)

    def deeper(n: int) -> list[bytes]:
        return overload.ask(lambda *_: deeper(n - 1) if n else [], asks(path="/socket.io/", cookie=str(n)), print)  # type: ignore[return-value]

    deeper(3 * MOST_AT_ONCE)
    assert refused(overload, 100) == 0


def test_r16_a_late_turn_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[float] = []
    outermost = world.app.wsgi_app
    monkeypatch.setattr(outermost._overload, "note_turn", noted.append)
    monkeypatch.setattr("forum.base.pace.time.sleep", _slowly(monkeypatch))
    world.visitor().get("/")
    assert noted
    assert noted[0] >= 0.05


def _slowly(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    import time

    really = time.sleep
    return lambda _seconds: really(0.05)
