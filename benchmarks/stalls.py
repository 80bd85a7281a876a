"""The longest time in which one process served nobody, while people post the worst Markdown and sign in.

A greenlet inside the real server wakes every millisecond and notes how late it was. Three rounds; the median of their
longest counts, for a round in which the machine itself stood still says nothing about the program.
"""

import http.client
import re
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

from benchmarks.dataset import Forum
from benchmarks.places import Place, serving
from forum.accounts import ways_back
from forum.base import text
from forum.base.idents import new_ident, write_ident
from tests.world import Person

SERVER = "benchmarks.stalled:create_app()"
ROUNDS, SECONDS = 3, 8.0
WRITERS, COMERS = 1, 1
#: Near the limits of forum.base.text, each slow for the parser or the sanitiser in its own way.
WORST = (
    "[*" * 490 + " word" * 3_700,
    "*a _b " * 600 + "`c` " * 200 + " word" * 3_000,
    "\n".join("> " * 5 + "quoted words" for _ in range(380)),
    "http://example.org/a " * 190 + "plain words and more " * 700,
    "<b>&amp;" * 600 + " word" * 3_000,
)


def measure(place: Place, forum: Forum) -> dict[str, float]:
    """longest_loop_stall_ms; and the same of a server that is asked nothing, to tell what the machine adds."""
    for body in WORST:
        text.check(text.normalise(body))
    with place.app.app_context():
        phrase = ways_back.make_phrase(forum.reader.actor)
    with serving(SERVER, place.environment) as url:
        _visit(url, forum.topic, forum.headers)
        _longest(url)
        time.sleep(SECONDS / 2)
        idle = _longest(url)
        rounds = [_round(url, forum, phrase) for _ in range(ROUNDS)]
    return {"longest_loop_stall_ms": statistics.median(rounds), "longest_loop_stall_idle_ms": idle}


def _round(url: str, forum: Forum, phrase: str) -> float:
    end = time.monotonic() + SECONDS
    _longest(url)
    with ThreadPoolExecutor(WRITERS + COMERS) as people:
        writers = [people.submit(_write, url, forum, end, n) for n in range(WRITERS)]
        comers = [people.submit(_come_back, url, phrase, end) for _ in range(COMERS)]
    for done in (*writers, *comers):
        done.result()  # an error of theirs is one of the benchmark
    return _longest(url)


def _longest(url: str) -> float:
    """Milliseconds since this was last asked."""
    return float(_ask(url, "GET", "/longest-stall", {})[1])


def _write(url: str, forum: Forum, end: float, n: int) -> None:
    """Post what is worst, again and again."""
    while time.monotonic() < end:
        n += 1
        form = {"body": WORST[n % len(WORST)], "token": write_ident(new_ident())}
        where = forum.topic.partition("?")[0] + "/posts"
        status, _body = _send(url, where, forum.reader, form)
        if status != 303:
            raise RuntimeError(f"A post was answered with {status}.")


def _send(url: str, path: str, person: Person, form: dict[str, str]) -> tuple[int, str]:
    body = {"csrf_token": person.form_token(), **form}
    return _ask(url, "POST", path, {"Cookie": f"__Host-s={person.cookie}"}, body)


def _come_back(url: str, phrase: str, end: float) -> None:
    """Sign in, each time as a new browser."""
    while time.monotonic() < end:
        cookie, token = _form_of(url)
        body = {"csrf_token": token, "phrase": phrase}
        status, _said = _ask(url, "POST", "/sign-in", {"Cookie": cookie}, body)
        if status not in (303, 503):
            raise RuntimeError(f"A sign-in was answered with {status}.")


def _form_of(url: str) -> tuple[str, str]:
    line = _line(url)
    line.request("GET", "/sign-in")
    answer = line.getresponse()
    page = answer.read().decode()
    line.close()
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return answer.headers["Set-Cookie"].partition(";")[0], found[1]


def _visit(url: str, path: str, headers: dict[str, str]) -> None:
    with suppress(OSError):
        _ask(url, "GET", path, headers)


def _ask(
    url: str, method: str, path: str, headers: dict[str, str], form: dict[str, str] | None = None
) -> tuple[int, str]:
    line = _line(url)
    sent = {**headers, "Content-Type": "application/x-www-form-urlencoded"} if form else headers
    line.request(method, path, urlencode(form) if form else None, sent)
    answer = line.getresponse()
    said = answer.read().decode()
    line.close()
    return answer.status, said


def _line(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
