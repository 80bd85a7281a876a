"""What changed in a conversation, for those who have it open: its feed numbers, an event for each, and the quotes that follow."""

from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, insert, select, update

from forum.base import broadcast, clock
from forum.base.db import row, rows
from forum.base.hot import Hot
from forum.base.idents import write_ident
from forum.base.transaction import after_commit, here, write
from forum.conversations import mentions, search_index
from forum.models import Conversation, ConversationKind, Post, PostEvent


def change(post: Post, kind: str, *, shown: int) -> int:
    """Step: what was changed of the post itself is sent with its new feed number; gives that.

    :param shown: how many more posts the group sees there.
    """
    feed = next_number(post.conversation_id, shown=shown, active=False)
    post.changed_in = feed
    here().flush()
    record(post.conversation_id, feed, post.id, kind)
    return feed


def next_number(conversation_id: bytes, *, shown: int, active: bool, **also: Any) -> int:
    """Step: the conversation's next feed number.

    :param active: it goes to the top of its board. :param also: what else changes of the conversation.
    """
    values: dict[str, Any] = {"conversation": conversation_id, "shown": shown, **also}
    if active:
        values["last_activity_hour"] = clock.this_hour()
    return int(write(_MOVE, **values).scalar_one())


_MOVE = (
    update(Conversation)
    .where(Conversation.id == bindparam("conversation"))
    .values(feed_no=Conversation.feed_no + 1, shown_posts=Conversation.shown_posts + bindparam("shown"))
    .returning(Conversation.feed_no)
)


def record(conversation_id: bytes, feed: int, post_id: int, kind: str) -> None:
    """Step: an event under its feed number, what can be found now, and a hint to those who have the page open."""
    _note_event(conversation_id, feed, post_id, kind)
    search_index.note(post_id)
    mentions.note(post_id)


def record_new(conversation: Row[Any], feed: int, post_id: int, body: str) -> None:
    """Step: `record` for a post that was just written and is seen at once.

    What a room says is never searched, and without the sign nobody is named: there is nothing to read of such words.

    :param conversation: with `kind`. :param body: of the post.
    """
    _note_event(conversation.id, feed, post_id, "add")
    if conversation.kind is not ConversationKind.ROOM:
        search_index.note(post_id)
    if mentions.may_name(body):
        mentions.note(post_id)


def _note_event(conversation_id: bytes, feed: int, post_id: int, kind: str) -> None:
    hour = clock.this_hour()
    write(_EVENT, conversation_id=conversation_id, feed_no=feed, post_id=post_id, kind=kind, hour=hour)
    room = f"c:{write_ident(conversation_id)}"
    after_commit(lambda: broadcast.hint(room, "change", {"from": feed - 1, "to": feed}))


_EVENT = insert(PostEvent)


def touch_quotes(post: Post, feed: int) -> None:
    """Step: posts that quote this one show it as it now may be seen, so they changed too; each in its own conversation."""
    if not _QUOTED.rows({"post": post.id}):
        return
    _mark_quotes(Post.answers_id == post.id, post.conversation_id, feed)
    _touch_elsewhere(Post.answers_id == post.id, post.conversation_id)


_QUOTED = Hot(select(Post.id).where(Post.answers_id == bindparam("post")).limit(1))


def touch_quotes_across(conversation_id: bytes) -> None:
    """Step: a conversation stands elsewhere now, so quotes of its posts in others, and of theirs in it, changed."""
    stands_here = select(Post.id).where(Post.conversation_id == conversation_id)
    _touch_elsewhere(Post.answers_id.in_(stands_here), conversation_id)
    theirs = and_(Post.answers_id.is_not(None), Post.answers_id.not_in(stands_here))
    first = row(select(Post.id).where(Post.conversation_id == conversation_id, theirs, Post.changed_in > 0).limit(1))
    if first is not None:
        _mark_quotes(theirs, conversation_id, note_change(conversation_id, first.id, "quote", shown=0))


def _touch_elsewhere(quoting: ColumnElement[bool], conversation_id: bytes) -> None:
    others = select(Post.conversation_id, func.min(Post.id).label("first")).where(quoting, Post.changed_in > 0)
    there = Post.conversation_id != conversation_id
    for other in rows(others.where(there).group_by(Post.conversation_id).order_by(Post.conversation_id)):
        feed = note_change(other.conversation_id, other.first, "quote", shown=0)
        _mark_quotes(quoting, other.conversation_id, feed)


def _mark_quotes(quoting: ColumnElement[bool], conversation_id: bytes, feed: int) -> None:
    here().execute(
        update(Post)
        .where(quoting, Post.conversation_id == conversation_id, Post.changed_in > 0)
        .values(changed_in=feed)
        .execution_options(synchronize_session=False)
    )


def note_change(conversation_id: bytes, post_id: int, kind: str, *, shown: int) -> int:
    """Step: something visible changed in a conversation; gives its feed number.

    :param shown: how many more posts the group sees there.
    """
    feed = next_number(conversation_id, shown=shown, active=False)
    record(conversation_id, feed, post_id, kind)
    return feed


def number_of(conversation_id: bytes) -> int:
    """The latest feed number of a conversation."""
    return int(here().scalar(select(Conversation.feed_no).where(Conversation.id == conversation_id)) or 0)
