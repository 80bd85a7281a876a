"""A forum with as many posts as a benchmark wants: people through the real use cases, posts in bulk as the same rows.

Everything grows together: a forum of a hundred times the posts has a board of a hundred times the topics, and its
longest topic is itself a hundred times as long.
"""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert

from forum.base import clock, tagged, text
from forum.base.db import db
from forum.base.idents import EPOCH, RANDOM_BITS, new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.conversations import masks
from forum.ground_rules.queries import find_rules
from forum.models import Conversation, ConversationKind, Post, PostEvent, PostState, ReadMarker
from tests.world import GroupHere, Person, World

TOPIC_POSTS = 20
POST_CHARACTERS = 600
MEMBERS = 20
#: The reader's two other groups, in which nothing was read yet: with the first there are over 1,000 unread posts.
OTHER_GROUPS, OTHER_TOPICS = 2, 25
#: In each topic every fifth post is written under the topic's one alias.
MASKED_EVERY = 5
#: Different texts; rendering each post anew would take most of the build.
TEXTS = 50
#: One part in so many of all posts stands in the longest topic.
LONGEST_PART = 10
#: Rows sent to the database at once: a few megabytes.
BATCH = 5_000

_SAID = (
    "after another appointment I walked home along the river and thought about what you wrote here last week it helped "
    "to read that somebody else lies awake at four my sister rang and we talked for an hour about nothing much which "
    "was good the tablets make me slow in the mornings but the afternoons are mine again thank you for asking"
)
_WORDS = _SAID.split()

Rows = Mapping[type, Sequence[dict[str, Any]]]


@dataclass(frozen=True)
class Forum:
    """What was built, with the addresses to measure.

    :param reader: a signed-in member who has read all but the newest posts. :param chooser: another member, signed in.
    :param topic: of one page.
    :param changes: what a waiting browser asks of it when nothing is new. :param long_topic: the longest, in its middle.
    """

    posts: int
    reader: Person
    chooser: Person
    group: GroupHere
    topic_id: bytes
    topic: str
    changes: str
    board: str
    long_topic: str

    @property
    def headers(self) -> dict[str, str]:
        """What the reader's browser sends along."""
        return {"Cookie": f"__Host-s={self.reader.cookie}"}

    def open(self, path: str) -> str:
        """A page as the reader gets it, without a server.

        :raises RuntimeError: it is not the page that is meant.
        """
        answer = self.reader.client.get(path, base_url="https://localhost")
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered with {answer.status_code}.")
        return answer.text


class StandsStill:
    """The clock that a world moves in its stories; none is told here."""

    at = EPOCH

    def go(self, **delta: float) -> datetime:
        raise RuntimeError("Benchmarks run on the real clock.")


def build(app: Flask, posts: int, seed: int = 7) -> Forum:
    """Fill the empty database of `app`.

    :param posts: in all, at least 200.
    """
    chance, world = random.Random(seed), World(app, StandsStill())
    group = world.group()
    people = [world.person(group) for _ in range(MEMBERS)]
    longest = posts // LONGEST_PART
    sizes = [longest, *[TOPIC_POSTS] * ((posts - longest) // TOPIC_POSTS)]
    with app.app_context():
        topics = _write_topics(group, people, sizes, chance)
        for _other in range(OTHER_GROUPS):
            _fill_other(world, people, chance)
        refresh_statistics()
    newest, first = write_ident(topics[-1]), write_ident(topics[0])
    return Forum(
        posts=posts,
        reader=people[0],
        chooser=people[1],
        group=group,
        topic_id=topics[-1],
        topic=f"/c/{newest}?page=1",
        changes=f"/c/{newest}/changes?after={TOPIC_POSTS}",
        board=f"/b/{write_ident(group.board)}",
        long_topic=f"/c/{first}?page={longest // TOPIC_POSTS // 2 + 1}",
    )


def _fill_other(world: World, people: list[Person], chance: random.Random) -> None:
    """One more group of the same people."""
    group = world.group()
    world.on_duty(group, 0, "19:00", "21:00")
    here_too = [world.join(person, group) for person in people]
    _write_topics(group, here_too, [TOPIC_POSTS] * OTHER_TOPICS, chance, read=False)


def _write_topics(
    group: GroupHere, people: list[Person], sizes: list[int], chance: random.Random, *, read: bool = True
) -> list[bytes]:
    """Topics of these sizes, oldest first, two hours between them; gives their ids.

    :param read: the first person read nearly all of each.
    """
    texts = [text.prepare(_words(chance)) for _ in range(TEXTS)]
    rules = find_rules(group.scope.group_id)
    assert rules is not None
    start = clock.this_hour() - timedelta(hours=2 * len(sizes))
    waiting: dict[type, list[dict[str, Any]]] = defaultdict(list)
    topics = []
    with transaction():
        for n, size in enumerate(sizes):
            topics.append(_open_topic(group, size, n, start + timedelta(hours=2 * n)))
            wearer = people[1 + n % (MEMBERS - 1)].persona_id
            mask_id = masks.wear(group.scope, wearer, topics[-1]).id
            posts = _posts(topics[-1], size, start + timedelta(hours=2 * n), people, mask_id, texts, chance)
            waiting[Post] += [{**post, "charter_version_id": rules.version_id} for post in posts]
            waiting[PostEvent] += [_event(post) for post in posts]
            if read:
                waiting[ReadMarker].append(_marker(group, people[0], topics[-1], size))
            if len(waiting[Post]) >= BATCH or n == len(sizes) - 1:
                _send(waiting)
    return topics


def _open_topic(group: GroupHere, size: int, n: int, hour: datetime) -> bytes:
    conversation_id = new_ident()
    here().execute(
        insert(Conversation).values(
            id=conversation_id,
            group_id=group.scope.group_id,
            board_id=group.board,
            kind=ConversationKind.TOPIC,
            title=f"How did the week go for you? ({n})",
            lang="en",
            next_seq=size + 1,
            feed_no=size,
            shown_posts=size,
            last_shown_seq=size,
            last_activity_hour=hour,
        )
    )
    return conversation_id


def _posts(
    conversation_id: bytes,
    size: int,
    hour: datetime,
    people: Sequence[Person],
    mask_id: bytes,
    texts: Sequence[text.Prepared],
    chance: random.Random,
) -> list[dict[str, Any]]:
    posts = []
    for seq in range(1, size + 1):
        masked = seq % MASKED_EVERY == 0
        words = chance.choice(texts)
        posts.append(
            {
                "id": _post_id(hour, chance),
                "conversation_id": conversation_id,
                "seq": seq,
                "changed_in": seq,
                "persona_id": None if masked else chance.choice(people).persona_id,
                "mask_id": mask_id if masked else None,
                "state": PostState.VISIBLE,
                "body": words.body,
                "html": words.html,
                "renderer": words.renderer,
                "written_at": hour if masked else hour + timedelta(seconds=chance.randrange(3600)),
            }
        )
    return posts


def _post_id(hour: datetime, chance: random.Random) -> int:
    """As `new_post_id` makes them, for an hour that is over."""
    return int((hour - EPOCH).total_seconds() // 3600) << RANDOM_BITS | chance.getrandbits(RANDOM_BITS)


def _event(post: Mapping[str, Any]) -> dict[str, Any]:
    hour = clock.floor_hour(post["written_at"])
    return {
        "conversation_id": post["conversation_id"],
        "feed_no": post["changed_in"],
        "post_id": post["id"],
        "kind": "add",
        "hour": hour,
    }


def _marker(group: GroupHere, reader: Person, conversation_id: bytes, size: int) -> dict[str, Any]:
    """All read but the last quarter of a page."""
    ids = (reader.persona_id, conversation_id)
    return tagged.sealed_row(ReadMarker, group.scope, "read_marker", ids, (size - 5).to_bytes(8))


def _send(waiting: Mapping[type, list[dict[str, Any]]]) -> None:
    for model, found in waiting.items():
        if found:
            here().execute(insert(model), found)
        found.clear()


def _words(chance: random.Random) -> str:
    said = ""
    while len(said) < POST_CHARACTERS:
        said += " ".join(chance.choices(_WORDS, k=25)).capitalize() + ".\n\n"
    return said[: POST_CHARACTERS - 1].rstrip() + "."


def refresh_statistics() -> None:
    """So that neither database plans for the empty tables it saw at first."""
    with db.engines["read"].connect() as connection:
        connection.exec_driver_sql("ANALYZE")
