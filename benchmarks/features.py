"""What it costs a topic's page that words carry notes and reactions and that its reader blocked and muted.

Two pages of one server take turns: a topic as the foundation had it, for a reader who chose nothing; and one of the same
size whose posts have notes, marks and reactions, for a reader who blocked somebody, muted words and opened a class.
"""

from collections.abc import Sequence

from sqlalchemy import Row, select, update

from benchmarks.dataset import TOPIC_POSTS, Forum
from benchmarks.load import Target, compare
from benchmarks.places import Place, serving
from forum.base.db import row, rows
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.conversations import choosing, usecases
from forum.models import Conversation, Post, PostMark
from tests.world import Person

ROUNDS, SECONDS = 7, 4.0
#: Every third post has a note and every other one reactions: more than people use them.
NOTED_EVERY, REACTED_EVERY, MARKED_EVERY = 3, 2, 5
OPENED, FOLDED, ALL_REACTIONS = 5, 7, 7
#: None of them is in the texts, so each post is looked through for all of them.
MUTED = ("needle", "hospital food", "winter", "funeral", "ward", "scales")


def measure(place: Place, forum: Forum) -> dict[str, float]:
    """How many times as long the page with all of it takes as the one without."""
    dressed = _dress(place, forum)
    with serving("benchmarks.ours:create_app()", place.environment) as url:
        headers = {"Cookie": f"__Host-s={forum.chooser.cookie}"}
        ours = Target(f"{url}/c/{write_ident(dressed)}?page=1", headers, "You blocked who wrote this.")
        plain = Target(url + forum.topic, forum.headers, f'data-seq="{TOPIC_POSTS}"')
        ((ratio, spread),) = compare([ours], plain, rounds=ROUNDS, seconds=SECONDS)
    return {"topic_page_feature_cost": 1 / ratio, "topic_page_feature_cost_spread": spread}


def _dress(place: Place, forum: Forum) -> bytes:
    """Another topic of the same size with everything on it; gives its id."""
    with place.app.app_context():
        size = Conversation.shown_posts == TOPIC_POSTS
        found = row(
            select(Conversation.id)
            .where(Conversation.board_id == forum.group.board, size, Conversation.id != forum.topic_id)
            .limit(1)
        )
        assert found
        posts = rows(select(Post.id, Post.seq, Post.persona_id).where(Post.conversation_id == found.id))
        with transaction():
            for post in posts:
                here().execute(update(Post).where(Post.id == post.id).values(**_said_of(post.seq)))
        _choose(forum.chooser, forum.group.scope.group_id, posts)
        usecases.mark_read(forum.chooser.actor, found.id, TOPIC_POSTS - 5)
        return bytes(found.id)


def _said_of(seq: int) -> dict[str, object]:
    notes = (1 << (OPENED if seq % 2 else FOLDED)) if seq % NOTED_EVERY == 0 else 0
    reacted = ALL_REACTIONS if seq % REACTED_EVERY == 0 else 0
    return {"notes": notes, "reacted": reacted, "mark": PostMark.EXPERIENCE if seq % MARKED_EVERY == 0 else None}


def _choose(reader: Person, group_id: bytes, posts: Sequence[Row]) -> None:
    """Block whoever wrote the first named post of somebody else, and the rest."""
    other = next(p.id for p in posts if p.persona_id not in (None, reader.persona_id))
    choosing.block_author(reader.actor, other)
    for word in MUTED:
        choosing.mute_word(reader.actor, group_id, word)
    choosing.prefer(reader.actor, group_id, "", {OPENED: choosing.EXPAND})
