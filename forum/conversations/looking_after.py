"""Looking after a topic: pin, close, slow, move, merge and part it, each with a reason that its readers see, and undo it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Row, func, select, update

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.conversations import history, lifecycle, parting, places, search_index, slow, steps
from forum.conversations.history import Kind, Moved
from forum.conversations.places import Place
from forum.conversations.prepare import prepare_title
from forum.models import Board, Conversation, ConversationKind, Post
from forum.policy.actor import Actor, Membership
from forum.policy.audience import includes
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, may_look_after, require

MOST_REASON = 300
#: More on top of a board than this, and nothing new is seen on a phone.
MOST_PINNED = 3


def pin(actor: Actor, conversation_id: bytes, on: bool, reason: str) -> None:
    """Let a topic stand first on its board, or no more.

    :raises NotFound: none such, or not of the team. :raises Invalid: no reason, or too many are pinned.
    """
    with _tending(actor, conversation_id, reason) as (place, me, clean):
        if on and _count_pinned(place) >= MOST_PINNED:
            raise Invalid(_("A board has room for %(n)s pinned topics. Unpin one first.", n=MOST_PINNED), "act")
        _set(conversation_id, pinned=on)
        history.record(conversation_id, Kind.PIN if on else Kind.UNPIN, me.persona_id, clean)


def lock(actor: Actor, conversation_id: bytes, on: bool, reason: str) -> None:
    """Close a topic so that it is only read, or open it again. :raises NotFound, Invalid: as for `pin`."""
    with _tending(actor, conversation_id, reason) as (_place, me, clean):
        _set(conversation_id, closed_at=clock.this_hour() if on else None)
        history.record(conversation_id, Kind.LOCK if on else Kind.UNLOCK, me.persona_id, clean)


def slow_down(actor: Actor, conversation_id: bytes, minutes: int, reason: str) -> None:
    """Let each person write once in so many minutes.

    :param minutes: one of slow.CHOICES; 0 for no slower than others. :raises NotFound, Invalid: as for `pin`.
    """
    if minutes not in slow.CHOICES:
        raise Invalid(_("Choose one of the times."), "minutes")
    with _tending(actor, conversation_id, reason) as (place, me, clean):
        _slow_down(place, minutes)
        history.record(conversation_id, Kind.SLOW, me.persona_id, clean, before=place.slow_minutes)


def _slow_down(place: Place, minutes: int) -> None:
    _set(place.id, slow_minutes=minutes)
    if not minutes:
        slow.forget(place.scope, place.id)


def move(actor: Actor, conversation_id: bytes, board_id: bytes, reason: str) -> None:
    """Let a topic stand on another board of its group. The page before this one says for how many readers.

    :raises NotFound: none such for this actor. :raises Invalid: no reason, or a board where nobody writes.
    """
    with _tending(actor, conversation_id, reason) as (place, me, clean):
        _move(place, me, board_id)
        history.record(conversation_id, Kind.MOVE, me.persona_id, clean, other_id=place.board_id)


def _move(place: Place, me: Membership, board_id: bytes | None) -> None:
    known = (Board.id == board_id, Board.group_id == place.group_id)
    board = row(select(Board.id, Board.readers, Board.retired_at).where(*known))
    if board is None or not includes(board.readers, me) or board.id == place.board_id:
        raise Invalid(_("Choose another board of this group."), "board")
    if board.retired_at is not None:
        raise Invalid(_("That board is closed. Choose another one."), "board")
    _set(place.id, board_id=board.id, pinned=False)
    lifecycle.touch_quotes_across(place.id)
    search_index.note_moved(place.id)


def move_now(place: Place, me: Membership, board_id: bytes | None, reason: str, ident: bytes) -> None:
    """Step: `move`, by a decision of the team. :param ident: of the event, for `undo_now`."""
    _move(place, me, board_id)
    history.record(place.id, Kind.MOVE, me.persona_id, reason, other_id=place.board_id, ident=ident)


def lock_now(place: Place, me: Membership, reason: str, ident: bytes) -> None:
    """Step: `lock`, by a decision of the team."""
    _set(place.id, closed_at=clock.this_hour())
    history.record(place.id, Kind.LOCK, me.persona_id, reason, ident=ident)


def end_lock(conversation_id: bytes, event_id: bytes, by: bytes, reason: str) -> None:
    """Step: open a topic that was closed for a time, unless the team opened or closed it again since."""
    closing = (Kind.LOCK, Kind.UNLOCK)
    latest = next((e for e in history.list_events(conversation_id) if e.kind in closing), None)
    if latest is None or latest.id != event_id or latest.undone:
        return
    _set(conversation_id, closed_at=None)
    history.mark_undone([event_id])
    history.record(conversation_id, Kind.UNDO, by, reason)


def undo_now(place: Place, me: Membership, event_id: bytes, reason: str) -> None:
    """Step: the inverse of what `move_now` or `lock_now` did, unless it is undone or the topic is as it was by now."""
    event = history.find_event(event_id)
    if event is None or event.undone:
        return
    if event.kind == Kind.LOCK:
        _set(place.id, closed_at=None)
    elif place.board_id != event.other_id:
        _move(place, me, event.other_id)
    history.mark_undone([event_id])
    history.record(place.id, Kind.UNDO, me.persona_id, reason)


def merge(actor: Actor, conversation_id: bytes, into_id: bytes, reason: str) -> None:
    """Let all posts of a topic go to the end of another one on the same board. The emptied one says where they are.

    :raises NotFound: none such for this actor. :raises Invalid: no reason, not on this board, or too long.
    """
    with _tending(actor, conversation_id, reason, into_id) as (place, me, clean):
        into = places.find_place(into_id)
        if into is None or into_id == conversation_id or into.board_id != place.board_id:
            raise Invalid(_("Choose another topic of the same board."), "into")
        moved = parting.append(conversation_id, into_id, 1)
        if moved is None:
            raise Invalid(_("There is nothing in this topic that could go."), "into")
        before = int(place.closed_at is not None)
        _set(conversation_id, closed_at=place.closed_at or clock.this_hour(), pinned=False)
        _latest_of(conversation_id, into_id)
        _record_both((conversation_id, Kind.WENT), (into_id, Kind.CAME), me, clean, moved, before)


def split(actor: Actor, post_id: int, title: str, reason: str) -> bytes:
    """Let a topic go on as two: the posts from this one on make a new one on the same board. Gives the new one's id.

    :param title: of the new topic. :raises NotFound: none such for this actor.
    :raises Invalid: no reason or title, the first post, or too many after it.
    """
    found = row(select(Post.conversation_id).where(Post.id == post_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    named = prepare_title(title)
    with _tending(actor, found.conversation_id, reason) as (place, me, clean):
        post = row(select(Post.seq).where(Post.id == post_id, Post.conversation_id == place.id))
        if post is None or post.seq <= _first_shown(place.id):
            raise Invalid(_("A topic is parted after its first post. Move the whole topic instead."), "title")
        made = steps.open_conversation(place.group_id, place.board_id, ConversationKind.TOPIC, named, place.lang)
        lifecycle.lock_conversation(made)
        moved = parting.append(place.id, made, post.seq)
        assert moved is not None
        _set(made, names_only=select(Conversation.names_only).where(Conversation.id == place.id).scalar_subquery())
        _latest_of(place.id, made)
        _record_both((place.id, Kind.PARTED), (made, Kind.BEGAN), me, clean, moved)
    return made


def _first_shown(conversation_id: bytes) -> int:
    first = select(func.min(Post.seq).label("seq")).where(Post.conversation_id == conversation_id, Post.changed_in > 0)
    found = row(first)
    return int(found.seq) if found and found.seq else 0


def undo(actor: Actor, event_id: bytes, reason: str) -> None:
    """The inverse of one event.

    :raises NotFound: none such for this actor. :raises Conflict: undone already, or other posts stand there now.
    """
    event = history.find_event(event_id)
    if event is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    with _tending(actor, event.conversation_id, reason, event.other_id or b"") as (place, me, clean):
        event = history.find_event(event_id)
        inverse = _INVERSES.get(Kind(event.kind)) if event else None
        if event is None or inverse is None or event.undone:
            raise Conflict(_("It is undone, or it stays as it is."))
        inverse(place, me, event)
        both = [(event.conversation_id, event_id)]
        if event.other_id and event.twin_id:
            both.append((event.other_id, event.twin_id))
        history.mark_undone([ident for _one, ident in both])
        for conversation_id, _ident in both:
            history.record(conversation_id, Kind.UNDO, me.persona_id, clean)


def _unpin(place: Place, _me: Membership, event: Row) -> None:
    _set(place.id, pinned=event.kind == Kind.UNPIN)


def _unlock(place: Place, _me: Membership, event: Row) -> None:
    _set(place.id, closed_at=clock.this_hour() if event.kind == Kind.UNLOCK else None)


def _unslow(place: Place, _me: Membership, event: Row) -> None:
    _slow_down(place, event.before)


def _move_back(place: Place, me: Membership, event: Row) -> None:
    _move(place, me, event.other_id)


def _unmerge(place: Place, _me: Membership, event: Row) -> None:
    away, into = _sides(place.id, event)
    parting.take_back(into, away, Moved(event.first_seq, event.last_seq, event.shifted))
    twin = history.find_event(event.id if event.kind == Kind.WENT else event.twin_id)
    if twin is None or not twin.before:
        _set(away, closed_at=None)


def _rejoin(place: Place, _me: Membership, event: Row) -> None:
    """What was written in the new topic since comes along, after the rest."""
    old, made = _sides(place.id, event)
    parting.take_back(made, old, Moved(event.first_seq, event.last_seq, event.shifted))
    parting.append(made, old, event.last_seq + 1)
    _set(made, closed_at=clock.this_hour(), pinned=False)
    _latest_of(made, old)


def _sides(conversation_id: bytes, event: Row) -> tuple[bytes, bytes]:
    """Where the posts were and where they went."""
    away = Kind(event.kind) in history.AWAY
    return (conversation_id, event.other_id) if away else (event.other_id, conversation_id)


_INVERSES: dict[Kind, Callable[[Place, Membership, Row], None]] = {
    Kind.PIN: _unpin,
    Kind.UNPIN: _unpin,
    Kind.LOCK: _unlock,
    Kind.UNLOCK: _unlock,
    Kind.SLOW: _unslow,
    Kind.MOVE: _move_back,
    Kind.WENT: _unmerge,
    Kind.CAME: _unmerge,
    Kind.PARTED: _rejoin,
    Kind.BEGAN: _rejoin,
}
#: What the page of changes offers to undo.
UNDONE_BY = frozenset(_INVERSES)


@contextmanager
def _tending(
    actor: Actor, conversation_id: bytes, reason: str, other_id: bytes = b""
) -> Iterator[tuple[Place, Membership, str]]:
    """One transaction about a topic for somebody of its team, with the topic as it is now and nobody else writing to it.

    :param other_id: of another conversation that changes too; of two the same one is always locked first.
    """
    clean = reason.strip()
    if not clean:
        raise Invalid(_("Write one sentence for the members: why."), "reason")
    if len(clean) > MOST_REASON:
        raise Invalid(_("Make the reason shorter: at most %(n)s characters.", n=MOST_REASON), "reason")
    with transaction():
        place = places.find_place(conversation_id)
        now = actor_in(actor, place.scope) if place else actor
        if place is None or place.kind is not ConversationKind.TOPIC:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        require(may_look_after, now, place.group_id)
        for ident in sorted(filter(None, (conversation_id, other_id))):
            lifecycle.lock_conversation(ident)
        place = places.find_place(conversation_id) or place
        yield place, now.memberships[place.group_id], clean


def _set(conversation_id: bytes, **values: Any) -> None:
    change = update(Conversation).where(Conversation.id == conversation_id).values(**values)
    here().execute(change.execution_options(synchronize_session=False))


def _count_pinned(place: Place) -> int:
    pinned = (Conversation.board_id == place.board_id, Conversation.pinned, Conversation.id != place.id)
    return here().scalar(select(func.count()).where(*pinned)) or 0


def _latest_of(source_id: bytes, target_id: bytes) -> None:
    """The target stands where the later of the two did: its words are as new as theirs."""
    hours = select(func.max(Conversation.last_activity_hour)).where(Conversation.id.in_((source_id, target_id)))
    _set(target_id, last_activity_hour=here().scalar(hours))


def _record_both(
    away: tuple[bytes, Kind], into: tuple[bytes, Kind], me: Membership, reason: str, moved: Moved, before: int = 0
) -> None:
    one, other = new_ident(), new_ident()
    for (conversation_id, kind), (other_id, _kind), ident, twin in ((away, into, one, other), (into, away, other, one)):
        history.record(
            conversation_id,
            kind,
            me.persona_id,
            reason,
            before=before,
            other_id=other_id,
            moved=moved,
            ident=ident,
            twin_id=twin,
        )
