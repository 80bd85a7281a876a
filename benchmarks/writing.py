"""What a post costs in the database, beside the fewest statements that could write the same rows.

Ours is `usecases.submit_post` with words that are rendered already: it reads who is asking and where, takes the
conversation's lock, asks the rules, the form's token and the gate again inside the transaction, and commits. The other
is one SQLAlchemy Core transaction on the same engine that knows all the answers and only writes: the post, the place it
takes, the form's token, and the job that will publish it ten seconds later. (The event and the public counters are
written by that job, in neither.) Both commit with synchronous=FULL, in turn, on the same database.
"""

import statistics
import time
from unittest import mock

from sqlalchemy import insert, update

from benchmarks.dataset import Forum
from benchmarks.places import Place
from forum.base import clock, jobs
from forum.base.db import db
from forum.base.idents import new_ident, new_post_id, write_ident, write_post_id
from forum.conversations import usecases
from forum.conversations.lifecycle import SENDING
from forum.conversations.prepare import Prepared, Words, prepare
from forum.models import Conversation, ConversationKind, Post, PostState, Resend

ROUNDS, POSTS = 7, 60


def measure(place: Place, forum: Forum) -> dict[str, float]:
    """post_write_vs_core: posts a second, ours divided by Core's; the median of the rounds."""
    with place.app.app_context():
        words = prepare("A few words of mine. " * 30, "en", ConversationKind.TOPIC, frozenset())
        ratios = [_core(forum, words) / _ours(forum, words) for _ in range(ROUNDS)]
    return {"post_write_vs_core": statistics.median(ratios)}


def _ours(forum: Forum, words: Prepared) -> float:
    actor, typed = forum.reader.actor, Words(words.body)
    with mock.patch.object(usecases, "prepare", return_value=words):
        start = time.perf_counter()
        for _ in range(POSTS):
            usecases.submit_post(actor, forum.topic_id, typed, write_ident(new_ident()))
        return time.perf_counter() - start


def _core(forum: Forum, words: Prepared) -> float:
    start = time.perf_counter()
    for _ in range(POSTS):
        with db.engine.begin() as connection:
            place = update(Conversation).where(Conversation.id == forum.topic_id)
            taken = place.values(next_seq=Conversation.next_seq + 1).returning(Conversation.next_seq)
            seq = connection.execute(taken).scalar_one() - 1
            post_id, due_at = new_post_id(), clock.now() + SENDING
            connection.execute(
                insert(Post).values(
                    id=post_id,
                    conversation_id=forum.topic_id,
                    seq=seq,
                    changed_in=0,
                    persona_id=forum.reader.persona_id,
                    state=PostState.SENDING,
                    body=words.body,
                    html=words.html,
                    renderer=words.renderer,
                    lang=words.lang,
                    written_at=clock.now(),
                    due_at=due_at,
                )
            )
            connection.execute(insert(Resend).values(tag=new_ident(), post_id=post_id, day=clock.today()))
            job = {"kind": "publish_post", "payload": f'{{"post": "{write_post_id(post_id)}"}}', "due_at": due_at}
            connection.execute(insert(jobs.Job).values(**job))
    return time.perf_counter() - start
