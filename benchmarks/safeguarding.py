"""Concerns: raising one while ten times an evening's crowd asks for pages, and a pass of the ticker beside many open ones.

`concern_p99_ms_overload`: 320 connections ask for a topic again and again, as one browser that reads far too fast, at the
server that `make run` starts with its guard on; meanwhile somebody of the group sends "I'm worried about someone", again and
again, over lines of their own. The answer counts only if the concern is in the database afterwards.

`ticker_growth_100x`: the same ten concerns fall due, once among 100 open ones and once among 10,000; a pass calls whoever is
next about each of them. The quickest of several, in turn.
"""

import http.client
import json
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from sqlalchemy import func, insert, select

from benchmarks import places
from benchmarks.dataset import build, refresh_statistics
from benchmarks.places import Place, serving
from forum.base import clock
from forum.base.db import row, rows
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.models import Conversation, ConversationKind, Role
from forum.web import sessions
from moderation.safeguarding import cases, concerns, ticking, timers
from moderation.safeguarding.concerns import Raise
from moderation.safeguarding.models import Concern, Kind, Origin, Timer
from tests.safeguarding import arm
from tests.world import GroupHere, Person, World, conversation_url

POSTS = 400
#: As tests/faults/test_r16_overload.py: ten times thirty pages at once, and some.
CONNECTIONS, WARM_S, RAISED, PAUSE_S = 320, 2.0, 200, 0.05
#: Long enough for all that is raised, however slow.
CROWD_S = 45
DUE, FEW, MANY = 10, 100, 10_000
PASSES = 15
AT_ONCE = 1_000


def measure(folder: Path) -> dict[str, float]:
    """Both figures, and how many pages the crowd was refused."""
    return _raise_under_load(folder) | {"ticker_growth_100x": _growth(folder)}


# --- Raising one under load ---


def _raise_under_load(folder: Path) -> dict[str, float]:
    place = places.sqlite(folder, "concerns")
    forum = build(place.app, POSTS)
    world = World(place.app, None)  # type: ignore[arg-type]
    arm(world, forum.group)
    member, reader = world.person(forum.group), world.person(forum.group)
    with place.app.app_context():
        topic = conversation_url(_a_topic(place))
    with serving("wsgi:create_app()", place.environment) as url:
        crowd = _crowd(url, topic, reader)
        try:
            time.sleep(WARM_S)
            took = sorted(_raise(url, member, forum.group, n) for n in range(RAISED))
        finally:
            seen = json.loads(crowd.communicate(timeout=CROWD_S + 60)[0])
    with place.app.app_context():
        kept = row(select(func.count()).select_from(Concern))
    if kept is None or kept[0] != RAISED:
        raise RuntimeError("A concern was answered and is not there, or the other way round.")
    if seen.get("503", 0) < seen.get("200", 0):
        raise RuntimeError(f"There was no overload: {seen}")
    shed = seen["503"] / sum(seen.values())
    return {"concern_p99_ms_overload": took[int(len(took) * 0.99) - 1] * 1000, "concern_overload_shed": shed}


def _a_topic(place: Place) -> bytes:
    found = rows(select(Conversation.id).where(Conversation.kind == ConversationKind.TOPIC).limit(1))
    return bytes(found[0].id)


def _crowd(url: str, path: str, reader: Person) -> "subprocess.Popen[bytes]":
    parts = urlsplit(url)
    asked = [parts.hostname, parts.port, path, f"{sessions.COOKIE}={reader.cookie}", CONNECTIONS, CROWD_S]
    return subprocess.Popen([sys.executable, "-m", "tests.faults.scraper", *map(str, asked)], stdout=subprocess.PIPE)


def _raise(url: str, member: Person, group: GroupHere, n: int) -> float:
    """Seconds from the first byte sent to the whole answer."""
    parts = urlsplit(url)
    form = urlencode({"token": write_ident(new_ident()), "body": f"I am worried about somebody here, {n}."})
    headers = {"Cookie": f"{sessions.COOKIE}={member.cookie}", "Content-Type": "application/x-www-form-urlencoded"}
    began = time.perf_counter()
    line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    line.request("POST", f"/g/{group.address}/worried", form, headers | {"Origin": url})
    answer = line.getresponse()
    answer.read()
    took = time.perf_counter() - began
    line.close()
    if answer.status not in (200, 303):
        raise RuntimeError(f"A concern was answered with {answer.status}.")
    time.sleep(PAUSE_S)
    return took


# --- A pass of the ticker ---


def _growth(folder: Path) -> float:
    stages = [_stage(folder, size) for size in (FEW, MANY)]
    costs: list[list[float]] = [[], []]
    for _n in range(PASSES):
        for found, (place, due) in zip(costs, stages, strict=True):
            found.append(_pass(place, due))
    return min(costs[1]) / min(costs[0])


def _stage(folder: Path, size: int) -> tuple[Place, list[bytes]]:
    """So many open concerns of one group, of which ten are there to fall due."""
    place = places.sqlite(folder, f"concerns_{size}")
    world = World(place.app, None)  # type: ignore[arg-type]
    group = world.group()
    world.person(group, Role.FACILITATOR)
    arm(world, group)
    with place.app.app_context():
        due = [_one(group) for _n in range(DUE)]
        like = row(select(*Concern.__table__.columns).where(Concern.id == due[0]))
        assert like
        for start in range(DUE, size, AT_ONCE):
            with transaction():
                here().execute(insert(Concern), [_copy(like, n) for n in range(start, min(size, start + AT_ONCE))])
        refresh_statistics()
    return place, due


def _one(group: GroupHere) -> bytes:
    said = Raise(group.scope, Kind.ADULT, Origin.MEMBER, new_ident(), said="Somebody sounded very low tonight.")
    return concerns.raise_concern(said).concern_id


def _copy(like: Any, n: int) -> dict[str, Any]:
    """Another open one, whose time has not come."""
    later = clock.now() + timedelta(days=2)
    clocks = json.dumps({Timer.PAGE.value: later.isoformat()})
    differs = {"id": new_ident(), "once_tag": new_ident(), "code": f"{n:04x}", "due_at": later, "clocks": clocks}
    return dict(like._mapping) | differs


def _pass(place: Place, due: list[bytes]) -> float:
    """Processor seconds for all that is due: each of the ten calls its next person."""
    with place.app.app_context():
        for concern_id in due:
            with transaction():
                case = cases.lock(concern_id)
                past = clock.now() - timedelta(seconds=1)
                cases.change(case, step=0, gen=case.gen + 1, **timers.columns({Timer.PAGE: past}, past))
        began = time.process_time()
        done = ticking.tick()
        spent = time.process_time() - began
        if done != DUE:
            raise RuntimeError(f"{done} were looked at, not {DUE}.")
        return spent
