"""What finding words costs in 200,000 posts: with what permits beside without it, and beside the index alone.

The posts stand in two groups, of which the reader is in one, on four boards, of which one is the team's. Their words
are drawn so that a few are in many posts and most are in few (Zipf), as in a language. Looked for are single words from
common to rare, beginnings, two and three words, a phrase. Each is looked for in every way in turn, and medians count.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert, text, update

from benchmarks import places
from benchmarks.dataset import StandsStill, refresh_statistics
from forum.base import clock
from forum.base.db import read_engine
from forum.base.idents import EPOCH, RANDOM_BITS, new_ident
from forum.base.transaction import here, transaction
from forum.conversations import full_text, search, search_index, search_words
from forum.conversations.search_index import END
from forum.conversations.search_words import Query
from forum.models import Board, Conversation, ConversationKind, Post, PostSearch, PostState
from tests.world import GroupHere, Person, World

POSTS, TOPIC_POSTS, WORDS_IN_A_POST = 200_000, 20, 65
#: Different words, and different texts: to draw each anew would take most of the build.
VOCABULARY, TEXTS = 20_000, 5_000
BATCH = 5_000
ROUNDS = 7
#: The commonest word is number 0. Those of one or two letters and a quoted phrase are found whole, the others also at
#: the beginning of longer ones.
LOOKED_FOR = ("w9", "w40", "w400", "w4000", "w120", "w77", "w12000", "w9 w300", "w25 w5000", '"w1 w2"', "w50 w60 w70")

Way = Callable[[Query], Sequence[Any]]


def measure(folder: Path) -> dict[str, float | None]:
    """search_filter_cost, search_vs_bare: the worse of both databases, whose own figures stand beside."""
    found: dict[str, float | None] = {}
    for name, make in (("sqlite", places.sqlite), ("postgres", places.postgres)):
        place = make(folder, f"searched_{name}")
        figures = _measure(place.app) if place else {"search_filter_cost": None, "search_vs_bare": None}
        found |= {f"{figure}_{name}": value for figure, value in figures.items()}
    for figure in ("search_filter_cost", "search_vs_bare"):
        both = [value for key, value in found.items() if key.startswith(figure) and value is not None]
        found[figure] = max(both, default=None)
    return found


def _measure(app: Flask) -> dict[str, float | None]:
    reader, group = build(app)
    with app.app_context():
        actor, group_id = reader.actor, group.scope.group_id
        member, limit = actor.memberships[group_id], search.PAGE + 1
        closed = search.list_boards(actor, group_id).closed

        def on_boards(query: Query) -> str:
            return search.in_words(query, search_index.mark_of(group_id), closed)

        ways: tuple[Way, ...] = (
            lambda query: search.posts_of(search.candidates(on_boards(query), END, limit), member, limit),
            lambda query: search.posts_of(search.candidates(search.in_words(query), END, limit), None, limit),
            lambda query: search.find(actor, group_id, query).hits,
            lambda query: _bare(on_boards(query)),
        )
        permitted, unfiltered, ours, bare = _medians(ways)
        places.dispose()
    return {
        "search_filter_cost": permitted / unfiltered,
        "search_vs_bare": ours / bare,
        "search_p50_ms": ours * 1000,
        "search_bare_p50_ms": bare * 1000,
    }


def _medians(ways: Sequence[Way]) -> list[float]:
    """The median time of each way over all that is looked for, in seconds."""
    took: list[list[float]] = [[] for _way in ways]
    for round_no in range(ROUNDS + 1):
        for typed in LOOKED_FOR:
            query = search_words.read(typed)
            for way, times in zip(ways, took, strict=True):
                start = time.perf_counter()
                way(query)
                if round_no:  # the first is for the caches
                    times.append(time.perf_counter() - start)
    return [statistics.median(times) for times in took]


def _bare(looked_for: str) -> Sequence[Any]:
    """The same rows from the index alone, on the driver's own cursor: nothing asks who may read them."""
    with read_engine().connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(_BARE[connection.dialect.name], (looked_for, search.PAGE + 1))
        found: Sequence[Any] = cursor.fetchall()
        cursor.close()
    return found


_BARE = {
    "sqlite": "SELECT post.id, post.body, post.written_at FROM post_search_fts JOIN post ON post.id = post_search_fts.rowid "
    "WHERE post_search_fts MATCH ? ORDER BY post_search_fts.rowid DESC LIMIT ?",
    "postgresql": "SELECT post.id, post.body, post.written_at FROM post_search JOIN post ON post.id = post_search.post_id "
    "WHERE words @@ CAST(%s AS tsquery) ORDER BY post_search.post_id DESC LIMIT %s",
}


def build(app: Flask) -> tuple[Person, GroupHere]:
    """Fill the empty database of `app`; gives a member and their group."""
    chance, world = random.Random(7), World(app, StandsStill())
    group, neighbours = world.group(boards=("One", "Two", "Three", "Team")), world.group()
    people = [world.person(group), world.person(group)]
    stranger = world.person(neighbours)
    with app.app_context():
        with transaction():
            here().execute(update(Board).where(Board.id == group.boards[3]).values(readers=-1))
        texts = [(said, search_words.words_of(said)) for said in _texts(chance)]
        homes = [*[(group, board, people) for board in group.boards], (neighbours, neighbours.board, [stranger])]
        with _without_full_text():
            for n in range(0, POSTS // TOPIC_POSTS, BATCH // TOPIC_POSTS):
                with transaction():
                    _write_topics(n, homes, texts, chance)
        full_text.clean()  # as each night leaves it
        refresh_statistics()
    return people[0], group


@contextmanager
def _without_full_text() -> Iterator[None]:
    """PostgreSQL makes its index of many rows at once much faster than row by row; the migration says how."""
    on_postgres = read_engine().dialect.name == "postgresql"
    if on_postgres:
        _run("DROP INDEX ix_post_search_words")
    yield
    if on_postgres:
        _run("CREATE INDEX ix_post_search_words ON post_search USING gin (words) WITH (fastupdate = off)")


def _run(statement: str) -> None:
    with transaction():
        here().execute(text(statement))


def _texts(chance: random.Random) -> list[str]:
    weights = list(accumulate(1 / (n + 1) for n in range(VOCABULARY)))
    vocabulary = [f"w{n}" for n in range(VOCABULARY)]
    return [" ".join(chance.choices(vocabulary, cum_weights=weights, k=WORDS_IN_A_POST)) for _ in range(TEXTS)]


def _write_topics(
    first: int,
    homes: Sequence[tuple[GroupHere, bytes, Sequence[Person]]],
    texts: Sequence[tuple[str, list[str]]],
    chance: random.Random,
) -> None:
    """BATCH posts and their rows in the index; two hours between the topics, the newest an hour ago."""
    topics, posts, found = [], [], []
    for n in range(first, first + BATCH // TOPIC_POSTS):
        group, board, people = homes[n % len(homes)]
        hour = clock.this_hour() - timedelta(hours=2 * (POSTS // TOPIC_POSTS - n))
        topic = _topic(group, board, hour)
        topics.append(topic)
        for seq in range(1, TOPIC_POSTS + 1):
            said, words = chance.choice(texts)
            post_id = int((hour - EPOCH).total_seconds() // 3600) << RANDOM_BITS | chance.getrandbits(RANDOM_BITS)
            posts.append(_post(post_id, topic["id"], seq, chance.choice(people).persona_id, said, hour))
            found.append(
                search_index.row_of(
                    post_id, [search_index.mark_of(group.scope.group_id), search_index.mark_of(board), *words]
                )
            )
    for model, batch in ((Conversation, topics), (Post, posts), (PostSearch, found)):
        here().execute(insert(model), batch)


def _topic(group: GroupHere, board: bytes, hour: Any) -> dict[str, Any]:
    return {
        "id": new_ident(),
        "group_id": group.scope.group_id,
        "board_id": board,
        "kind": ConversationKind.TOPIC,
        "title": "How did the week go for you?",
        "lang": "en",
        "next_seq": TOPIC_POSTS + 1,
        "feed_no": TOPIC_POSTS,
        "shown_posts": TOPIC_POSTS,
        "last_shown_seq": TOPIC_POSTS,
        "last_activity_hour": hour,
    }


def _post(post_id: int, topic: bytes, seq: int, persona: bytes, said: str, hour: Any) -> dict[str, Any]:
    return {
        "id": post_id,
        "conversation_id": topic,
        "seq": seq,
        "changed_in": seq,
        "persona_id": persona,
        "state": PostState.VISIBLE,
        "body": said,
        "html": f"<p>{said}</p>",
        "renderer": "md2",
        "written_at": hour,
    }
