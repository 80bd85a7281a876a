"""The steps that move a post from state to state. They never commit; use cases of forum and moderation call them.

A visible change takes the conversation's next feed number and leaves an event; a held or sending post moves no number
that anybody can see.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from forum.base import clock, jobs
from forum.base.hot import Hot
from forum.base.idents import new_post_id, write_post_id
from forum.base.transaction import here, write
from forum.content.notes import ANY_FOLD, Fold
from forum.conversations import feed, opening
from forum.conversations.prepare import Prepared
from forum.models import (
    Conversation,
    ConversationKind,
    Persona,
    Post,
    PostState,
    PostVersion,
    Reaction,
    Standing,
)
from forum.policy import room_rules

#: Time to see a slip of the thumb and take it back before anyone has read it.
SENDING = timedelta(seconds=10)


@dataclass(frozen=True)
class Author:
    """Exactly one of the two: the persona, or the mask that stands for it here."""

    persona_id: bytes | None = None
    mask_id: bytes | None = None


@dataclass(frozen=True)
class Written:
    """A post that was just written."""

    id: int
    conversation_id: bytes
    seq: int
    state: PostState


def lock_conversation(conversation_id: bytes) -> Row[Any] | None:
    """The conversation, with every other writer to it waiting: places and feed numbers are given one at a time."""
    return cast("Row[Any] | None", _LOCK.row({"conversation": conversation_id}))


_LOCK = Hot(
    select(Conversation.id, Conversation.group_id, Conversation.kind, Conversation.closed_at, Conversation.next_seq)
    .where(Conversation.id == bindparam("conversation"))
    .with_for_update()
)


def lock_post(post_id: int) -> Post | None:
    """The post, with its conversation locked first so that two writers never wait for each other.

    While it waited the post may have gone to another conversation: then that one is locked, too.
    """
    found = _STANDS.row({"post": post_id})
    if found is None:
        return None
    lock_conversation(found.conversation_id)
    post = here().scalar(_WHOLE, {"post": post_id})
    if post is not None and post.conversation_id != found.conversation_id:
        lock_conversation(post.conversation_id)
    return post


_STANDS = Hot(select(Post.conversation_id).where(Post.id == bindparam("post")))
_WHOLE = select(Post).where(Post.id == bindparam("post")).execution_options(populate_existing=True)


def add_post(
    conversation: Row,
    author: Author,
    words: Prepared,
    *,
    held: bool,
    answers_id: int | None,
    rules: bytes | None,
    waits: bool = True,
    until: datetime | None = None,
) -> Written:
    """Write a post at the next place: held, or sending, or visible at once.

    :param waits: give the author ten seconds to take it back; rooms and imports never wait.
    :param until: only its author sees it till then; whoever asks for that publishes it (forum.rooms.quiet_writing).
    """
    now = clock.now()
    waits = waits and conversation.kind is not ConversationKind.ROOM
    due_at = None if held else until or (now + SENDING if waits else None)
    shown = not held and due_at is None
    state = PostState.HELD if held else PostState.VISIBLE if shown else PostState.SENDING
    written = Written(new_post_id(), conversation.id, conversation.next_seq, state)
    feed_no = _take_place(conversation, shown=shown)
    write(
        _INSERT_POST,
        id=written.id,
        conversation_id=conversation.id,
        seq=written.seq,
        changed_in=feed_no,
        persona_id=author.persona_id,
        mask_id=author.mask_id,
        state=state,
        body=words.body,
        html=words.html,
        renderer=words.renderer,
        lang=words.lang,
        answers_id=answers_id,
        charter_version_id=rules,
        written_at=clock.floor_hour(now) if author.mask_id else now,
        edited=False,
        notes=words.meant.notes,
        mark=words.meant.mark,
        due_at=due_at,
        reacted=0,
        faded=False,
    )
    if shown:
        feed.record_new(conversation, feed_no, written.id, words.body)
    elif due_at and not until:
        jobs.enqueue("publish_post", {"post": write_post_id(written.id)}, due_at)
    return written


_INSERT_POST = insert(Post)


def _take_place(conversation: Row, *, shown: bool) -> int:
    """Step: nobody else writes at the next place. Of words that are seen at once it is the last place that is shown, and
    they get a feed number, in one change of the row that everybody in a live room waits for. Gives that number, or 0.
    """
    next_seq = conversation.next_seq + 1
    if shown:
        last = {"next_seq": next_seq, "last_shown_seq": conversation.next_seq}
        return feed.next_number(conversation.id, shown=1, active=True, **last)
    write(_TAKE_PLACE, conversation=conversation.id, next_seq=next_seq)
    return 0


_TAKE_PLACE = update(Conversation).where(Conversation.id == bindparam("conversation"))


def publish(post_id: int, conversation_id: bytes, kind: str, *, active: bool = True) -> None:
    """Let the group see a post that was sending, held or put away.

    :param active: its conversation goes to the top of its board; words that only come back move nothing.
    """
    here().flush()
    feed_no = feed.next_number(conversation_id, shown=1, active=active)
    write(_SHOW, post=post_id, state=PostState.VISIBLE, changed_in=feed_no, due_at=None)
    write(_RAISE, post=post_id, conversation=conversation_id)
    feed.record(conversation_id, feed_no, post_id, kind)


def let_through(post: Post, kind: str, *, active: bool = True) -> None:
    """Let the group see a post that was held, hidden or taken back. In quiet minutes of a live room it waits for their end,
    as all does that is written there meanwhile.

    :param kind: of the event, as for `publish`. :param active: as for `publish`.
    """
    until = room_rules.quiet_until(post.conversation_id)
    if until is None:
        publish(post.id, post.conversation_id, kind, active=active)
        return
    post.state, post.due_at = PostState.SENDING, until
    if post.changed_in > 0:
        feed.change(post, "hold", shown=0)


_SHOW = update(Post).where(Post.id == bindparam("post"))
_SEQ = select(Post.seq).where(Post.id == bindparam("post")).scalar_subquery()
_RAISE = (
    update(Conversation)
    .where(Conversation.id == bindparam("conversation"), Conversation.last_shown_seq < _SEQ)
    .values(last_shown_seq=_SEQ)
)


def edit(post: Post, words: Prepared, *, held: bool) -> None:
    """Put new words in a post and keep the old ones as a version. A held edit waits out of sight."""
    _keep_version(post)
    post.body, post.html, post.renderer, post.lang = words.body, words.html, words.renderer, words.lang
    post.notes, post.mark = int(words.meant.notes | post.notes & ANY_FOLD), words.meant.mark
    post.edited = True
    was_visible = post.state is PostState.VISIBLE
    if held:
        post.state, post.due_at = PostState.HELD, None
    if was_visible:
        feed_no = feed.change(post, "hold" if held else "edit", shown=-1 if held else 0)
        feed.touch_quotes(post, feed_no)


def set_notes(post: Post, notes: int) -> None:
    """Put content notes on a post or take them off, its words untouched. Quotes of it follow. Folds stay."""
    _note(post, notes & ~ANY_FOLD | post.notes & ANY_FOLD, "note")


def fold(post: Post, why: Fold) -> None:
    """Put the words of a post one tap away for everybody, its author too; its place and its state stay.

    Of words that are gone nothing is folded. :param why: lifted by `unfold` with the same reason, and by nothing else.
    """
    if post.state not in (PostState.WITHDRAWN, PostState.HIDDEN):
        _note(post, post.notes | why, "fold")


def unfold(post: Post, why: Fold) -> None:
    """The inverse of `fold`. Words that are folded for another reason, too, stay folded."""
    _note(post, post.notes & ~why, "unfold")


def _note(post: Post, notes: int, kind: str) -> None:
    if post.notes == notes:
        return
    post.notes = int(notes)
    if post.changed_in > 0:
        feed_no = feed.change(post, kind, shown=0)
        feed.touch_quotes(post, feed_no)


def set_reacted(post: Post, kinds: int) -> None:
    """Let a post show these kinds of reactions. Only another set of them is a change that anybody can see."""
    if post.reacted == kinds:
        return
    post.reacted = kinds
    if post.changed_in > 0:
        feed.change(post, "react", shown=0)


def withdraw(post: Post, *, for_good: bool = True) -> None:
    """Take a post back: the place stays, the words go, everywhere at once.

    :param for_good: it cannot come back, and so nor can the question that its topic asked; else `put_back` is the inverse.
    """
    _put_away(post, PostState.WITHDRAWN, "withdraw")
    for conversation_id in opening.opened_by(post):
        (opening.drop_poll if for_good else opening.empty_poll)(conversation_id)


def fade(post: Post) -> None:
    """Let the words of a post go for good: the time is over for which they were to be kept."""
    post.faded = True
    _put_away(post, PostState.WITHDRAWN, "fade")
    for conversation_id in opening.opened_by(post):
        opening.drop_poll(conversation_id)


def leave_board_if_empty(conversation_id: bytes) -> None:
    """Let a topic without any words stand on its board no longer."""
    worded = select(Post.id).where(Post.conversation_id == conversation_id, Post.body != "").exists()
    here().execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, ~worded)
        .values(last_shown_seq=0)
        .execution_options(synchronize_session=False)
    )


def hide(post: Post) -> None:
    """Put a post out of sight. Whoever decides keeps a sealed copy first: here the words go."""
    _put_away(post, PostState.HIDDEN, "hide")


def hold(post: Post) -> None:
    """Let only the author and the team see a post that the group saw, or was about to; `publish` is the inverse."""
    post.state, post.due_at = PostState.HELD, None
    if post.changed_in > 0:
        feed_no = feed.change(post, "hold", shown=-1)
        feed.touch_quotes(post, feed_no)


def settle_author(post_id: int) -> None:
    """Whoever wrote this under their name is no newcomer any more: their first words were read. An alias tells nothing."""
    author = select(Post.persona_id).where(Post.id == post_id).scalar_subquery()
    here().execute(
        update(Persona)
        .where(Persona.id == author, Persona.standing == Standing.NEWCOMER)
        .values(standing=Standing.SETTLED)
        .execution_options(synchronize_session=False)
    )


def restore(post: Post, words: Prepared, title: str = "", *, active: bool = True) -> None:
    """The inverse of `hide` and of keeping a held post back.

    :param title: of the topic that this post opened; empty for any other post. :param active: as for `publish`.
    """
    opening.give_title_back(post, title)
    post.body, post.html, post.renderer, post.lang = words.body, words.html, words.renderer, words.lang
    here().flush()
    let_through(post, "restore", active=active)
    feed.touch_quotes(post, feed.number_of(post.conversation_id))


def put_back(post: Post, words: Prepared, title: str, before: PostState) -> None:
    """The inverse of `withdraw`: the words come back as they stood. What the team had put out of sight stays out of it.

    :param title: as for `restore`. :param before: its state when it was withdrawn; what was sending is seen now.
    """
    post.notes, post.mark = words.meant.notes, words.meant.mark
    if before not in (PostState.HELD, PostState.HIDDEN):
        restore(post, words, title, active=not post.changed_in)
        return
    post.body, post.html, post.renderer, post.lang = words.body, words.html, words.renderer, words.lang
    post.state = before
    if before is PostState.HELD:
        opening.give_title_back(post, title)
    if post.changed_in > 0:
        feed.change(post, "hold" if before is PostState.HELD else "hide", shown=0)


def erase_version(version_id: bytes) -> None:
    """Remove one earlier version for good."""
    here().execute(delete(PostVersion).where(PostVersion.id == version_id))


def _put_away(post: Post, state: PostState, kind: str) -> None:
    was_visible, ever_shown, opened = post.state is PostState.VISIBLE, post.changed_in > 0, opening.opened_by(post)
    post.state, post.body, post.html, post.due_at = state, "", "", None
    if state is PostState.WITHDRAWN:
        post.notes, post.mark, post.reacted = 0, None, 0  # what the words were about and what they got goes with them
        here().execute(delete(Reaction).where(Reaction.post_id == post.id))
        here().execute(delete(PostVersion).where(PostVersion.post_id == post.id))
    for conversation_id in opened:
        opening.set_title(conversation_id, "")  # a title is words too, and its author's
    if ever_shown:
        feed_no = feed.change(post, kind, shown=-1 if was_visible else 0)
        feed.touch_quotes(post, feed_no)


def _keep_version(post: Post) -> None:
    n = here().scalar(select(func.max(PostVersion.n)).where(PostVersion.post_id == post.id)) or 0
    here().execute(
        insert(PostVersion).values(
            post_id=post.id, n=n + 1, body=post.body, html=post.html, replaced_hour=clock.this_hour()
        )
    )
