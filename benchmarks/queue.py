"""The team's list of what waits: against a bare page, and with a thousand times as much behind it.

Items stand in the table as the gate and people leave them: posts that wait, first words, reports with a sealed copy, what
it is about kept from its author by tag. Each hundredth is open.

`queue_page_vs_bare` is the list as it is served to somebody who has it open while nothing is written: from memory, after
the database said that it holds (docs/decisions/0070). `queue_page_anew_vs_bare` is the page that is made of its rows each
time, as after every change: its second part, which memory never has. The growth is measured with pages made anew, too.
"""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from benchmarks import places
from benchmarks.counting import forget_pages
from benchmarks.dataset import Forum, build, refresh_statistics
from benchmarks.load import Target, compare
from benchmarks.places import Place, serving
from forum.base import clock
from forum.base.db import rows
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.models import Post, Role
from moderation import evidence, not_for, queue, queue_quick
from moderation.evidence import Copy
from moderation.models import CaseItem, CaseKind, Source
from moderation.models import Target as About
from tests.world import Person, World

#: items.in_all and those of them that are open: a small group's first month, and a large one's years.
FEW, MANY = (100, 100), (100_000, 2_000)
POSTS = 400
VISITS = 60
AT_ONCE = 2_000
ROUNDS, SECONDS = 5, 4.0


def measure(folder: Path) -> dict[str, float]:
    """queue_page_vs_bare and queue_growth_1000x: at 100,000 items of which 2,000 are open, at 100 for the growth."""
    few, many = (_stage(folder, *size) for size in (FEW, MANY))
    return _against_bare(*many) | {"queue_growth_1000x": _growth(few, many)}


def _stage(folder: Path, items: int, waiting: int) -> tuple[Place, Forum, Person]:
    place = places.sqlite(folder, f"queue_{items}")
    forum = build(place.app, POSTS)
    moderator = World(place.app, None).person(forum.group, Role.MODERATOR)  # type: ignore[arg-type]
    with place.app.app_context():
        posts = [r.id for r in rows(select(Post.id).where(Post.persona_id.is_not(None)))]
        for start in range(0, items, AT_ONCE):
            size = min(AT_ONCE, items - start)
            with transaction():
                _fill(forum, posts, start, size, waiting)
        refresh_statistics()
    return place, forum, moderator


def _fill(forum: Forum, posts: list[int], start: int, size: int, waiting: int) -> None:
    """Items from `start` on; the first `waiting` of all are open, and of those the reports have what a report has."""
    found = [_item(forum, posts, start + n, is_open=start + n < waiting) for n in range(size)]
    here().execute(insert(CaseItem), found)
    for item in found:
        if item["kind"] is CaseKind.REPORT and not item["decided"]:
            evidence.keep_for_item(
                forum.group.scope, item["id"], Copy("A line of words.", "en", "", n=1, author="Wren")
            )
            not_for.keep_from(forum.group.scope, item["id"], {forum.chooser.persona_id})


def _item(forum: Forum, posts: list[int], n: int, *, is_open: bool) -> dict[str, Any]:
    kind = (CaseKind.HOLD, CaseKind.WELCOME, CaseKind.REPORT)[n % 3]
    told = kind is CaseKind.REPORT
    due_at = clock.now().replace(microsecond=0) - timedelta(minutes=n)
    return {
        "id": new_ident(),
        "group_id": forum.group.scope.group_id,
        "kind": kind,
        "round": n,
        "reasons": "link" if kind is CaseKind.HOLD else "",
        "opened_hour": clock.floor_hour(due_at),
        "due_at": due_at,
        "decided": not is_open,
        "version": 0,
        "post_id": None if told else posts[n % len(posts)],
        "target": About.PERSON if told else None,
        "about": new_ident() if told else None,
        "source": Source.MEMBER if told else Source.RULE,
    }


def _page(forum: Forum) -> str:
    return f"/g/{forum.group.address}/team"


def _against_bare(place: Place, forum: Forum, moderator: Person) -> dict[str, float]:
    headers = {"Cookie": f"__Host-s={moderator.cookie}"}
    with place.app.app_context():
        first = queue.list_open(moderator.actor, forum.group.scope).lines[0].id
    bare_program, ours = "benchmarks.bare:create_app()", "benchmarks.ours:create_app()"
    with serving(bare_program, place.environment) as bare_url, serving(ours, place.environment) as url:
        page = url + _page(forum)
        targets = [
            Target(one, headers, "More than 99 things wait.") for one in (page, f"{page}?after={write_ident(first)}")
        ]
        bare = Target(f"{bare_url}/", headers, "a quiet line")
        found = compare(targets, bare, rounds=ROUNDS, seconds=SECONDS)
    results: dict[str, float] = {}
    for name, (ratio, spread) in zip(("queue_page_vs_bare", "queue_page_anew_vs_bare"), found, strict=True):
        results |= {name: ratio, f"{name}_spread": spread}
    return results


def _growth(*stages: tuple[Place, Forum, Person]) -> float:
    """The quickest visit of each, in turn: whatever else runs on the machine can only add to it."""
    costs: list[list[float]] = [[], []]
    for _ in range(VISITS):
        for found, (place, forum, moderator) in zip(costs, stages, strict=True):
            found.append(_cost(place, _page(forum), moderator))
    return min(costs[1]) / min(costs[0])


def _cost(place: Place, page: str, moderator: Person) -> float:
    forget_pages()
    answer = None
    with place.app.app_context():
        start = time.process_time()
        for _ in range(2):
            queue_quick.forget()
            answer = moderator.client.get(page, base_url="https://localhost")
        spent = time.process_time() - start
    if answer is None or answer.status_code != 200:
        raise RuntimeError(f"{page} was not answered with a page.")
    return spent
