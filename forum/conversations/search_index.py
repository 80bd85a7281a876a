"""Keeping what can be searched equal to what the group can see: in the transaction of each change, and each night.

Posts of topics that are visible, without their authors: what waits, was put away or stands in a line to the team is not
in it, nor what a room says, which is kept for a short time only.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.exc import DatabaseError

from forum.base import jobs
from forum.base.db import row, rows
from forum.base.hot import Hot
from forum.base.idents import read_ident, write_ident
from forum.base.transaction import here, transaction, write
from forum.conversations import full_text
from forum.conversations.search_words import own_words, words_of
from forum.models import Conversation, ConversationKind, Post, PostSearch, PostState

#: Compared at once. A hundred posts take some 20 ms, and somebody who posts meanwhile waits for no more than that.
AT_ONCE = 100
#: Above every post's id (53 bits).
END = 1 << 53

#: Stands before an id in the index. Nobody can type it as a word: it is no letter.
_MARK = "§"


def mark_of(ident: bytes) -> str:
    """The word that every post of a group or of a board has in the index, so that a search looks nowhere else."""
    return _MARK + write_ident(ident)


_HOME = (Conversation.group_id, Conversation.board_id, Conversation.title)
_COLUMNS = (Post.id, Post.seq, Post.state, Post.body, Conversation.kind, *_HOME)
_POSTS = select(*_COLUMNS).join(Conversation, Conversation.id == Post.conversation_id)
_POST = Hot(_POSTS.where(Post.id == bindparam("post")))
_KEPT = Hot(select(PostSearch.post_id, PostSearch.digest).where(PostSearch.post_id == bindparam("post")))


def note(post_id: int) -> None:
    """Step: make the index say of a post what the group can see of it now. Safe to repeat; nothing changes twice.

    An index that is broken keeps nobody from posting or from taking words back: it is made anew within seconds.
    """
    if full_text.is_shut():
        full_text.begin_anew()
        return
    try:
        _note(post_id)
    except DatabaseError as error:
        full_text.bear(error)


def _note(post_id: int) -> None:
    found, kept = _POST.row({"post": post_id}), _KEPT.row({"post": post_id})
    words = _words(found) if found is not None else None
    digest = _digest(words) if words else None
    if digest == (kept.digest if kept else None):
        return
    if kept is not None:
        here().execute(delete(PostSearch).where(PostSearch.post_id == post_id))
        full_text.clean_up_soon()
    if words:
        write(_INSERT, **row_of(post_id, words))


_INSERT = insert(PostSearch)


def note_moved(conversation_id: bytes) -> None:
    """Step: a topic stands on another board or got posts of another; the index follows within seconds.

    Until then its posts are found by those who may read both its boards: each search asks where a post stands now.
    """
    jobs.enqueue("search_moved", {"conversation": write_ident(conversation_id), "after": 0})


@jobs.step("search_moved")
def follow(payload: jobs.Payload) -> None:
    """The next posts of a topic that was moved."""
    conversation_id, after = read_ident(payload["conversation"]), int(payload["after"])
    found = rows(
        select(Post.id, Post.seq)
        .where(Post.conversation_id == conversation_id, Post.seq > after)
        .order_by(Post.seq)
        .limit(AT_ONCE)
    )
    for post in found:
        note(post.id)
    if len(found) == AT_ONCE:
        jobs.enqueue("search_moved", {"conversation": payload["conversation"], "after": found[-1].seq})


def _words(post: Any) -> list[str] | None:
    """What is kept of a post, or None if the group cannot see it."""
    if post.state is not PostState.VISIBLE or post.kind is not ConversationKind.TOPIC:
        return None
    title = [*words_of(post.title), _MARK] if post.seq == 1 else []  # the mark: no phrase goes on from title to text
    return [mark_of(post.group_id), mark_of(post.board_id), *title, *words_of(own_words(post.body))]


def _digest(words: Sequence[str]) -> bytes:
    return blake2b(" ".join(words).encode(), digest_size=8).digest()


def row_of(post_id: int, words: Sequence[str]) -> dict[str, Any]:
    """A row of the index.

    :param words: with the marks of group and board.
    """
    return {"post_id": post_id, "digest": _digest(words), "words": _written(words)}


def _written(words: Sequence[str]) -> str:
    """Words as the database at work keeps them. They hold letters and the mark only, so nothing has to be escaped."""
    if full_text.is_used():
        return " ".join(words)
    places: dict[str, list[str]] = defaultdict(list)
    for place, word in enumerate(words, 1):
        places[word].append(str(place))
    return " ".join(f"'{word}':{','.join(found)}" for word, found in places.items())


# --- Is it still right? ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """What one stretch of posts showed.

    :param upto: the last id looked at; END when there are no more. :param wrong: posts whose row is not right.
    """

    upto: int
    wrong: Sequence[int]


def compare(after: int) -> Compared:
    """Compare the index with the next AT_ONCE posts.

    :param after: the id of the last post compared; -1 to begin.
    """
    posts = rows(_SEEN.where(Post.id > after).order_by(Post.id).limit(AT_ONCE))
    upto = posts[-1].id if len(posts) == AT_ONCE else END
    window = (PostSearch.post_id > after) & (PostSearch.post_id <= upto)
    kept = {r.post_id: r.digest for r in rows(select(PostSearch.post_id, PostSearch.digest).where(window))}
    wanted = {post.id: _digest(_words(post) or []) for post in posts}
    return Compared(upto, sorted(i for i in wanted.keys() | kept.keys() if wanted.get(i) != kept.get(i)))


_SEEN = _POSTS.where(Post.state == PostState.VISIBLE, Conversation.kind == ConversationKind.TOPIC)


def mend(after: int = -1) -> Compared:
    """`compare`, and put right what was wrong."""
    found = compare(after)
    if found.wrong:
        with transaction():
            for post_id in found.wrong:
                note(post_id)
    return found


def mend_all() -> Iterator[int]:
    """Put right all that is wrong, a stretch at a time; gives how many posts each time. Begun anew it goes on where the
    first wrong one is."""
    at = -1
    while at < END:
        found = mend(at)
        at = found.upto
        yield len(found.wrong)


def count_stretches() -> int:
    """How many stretches there are to compare, for whoever waits for them."""
    found = row(select(func.count()).select_from(_SEEN.subquery()))
    return int(found[0]) // AT_ONCE + 1 if found else 1


def begin_to_fill() -> None:
    """Begin to fill an index that was never filled, as after an upgrade. It goes on by itself, a stretch a second.

    Told by the oldest post: new ones are in it from the first moment on.
    """
    oldest = row(_SEEN.order_by(Post.id).limit(1))
    if oldest is None or _KEPT.row({"post": oldest.id}):
        return
    with transaction():
        jobs.enqueue("search_fill", {"after": -1}, dedupe_key="search_fill")


@jobs.step("search_anew")
def make_anew(_payload: jobs.Payload) -> None:
    """A broken full-text table is written from the words that are kept; then each post is compared with its own."""
    full_text.write_anew()
    jobs.enqueue("search_fill", {"after": -1}, dedupe_key="search_fill")


@jobs.step("search_fill")
def fill(payload: jobs.Payload) -> None:
    """The next stretch."""
    found = compare(int(payload["after"]))
    for post_id in found.wrong:
        note(post_id)
    if found.upto < END:
        jobs.enqueue("search_fill", {"after": found.upto}, dedupe_key="search_fill")
