"""Looking after a topic: pin, close, slow, move, merge and part it, each with a reason that its readers see, and undo it."""

from sqlalchemy import func, select

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import new_ident
from forum.base.transaction import here
from forum.base.words import _
from forum.conversations import history, lifecycle, parting, places, slow, steps, tending
from forum.conversations.history import Kind, Moved
from forum.conversations.places import Place
from forum.conversations.prepare import prepare_title
from forum.models import Conversation, ConversationKind, Post
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import Denial

#: More on top of a board than this, and nothing new is seen on a phone.
MOST_PINNED = 3


def pin(actor: Actor, conversation_id: bytes, on: bool, reason: str) -> None:
    """Let a topic stand first on its board, or no more.

    :raises NotFound: none such, or not of the team. :raises Invalid: no reason, or too many are pinned.
    """
    with tending.tend(actor, conversation_id, reason) as (place, me, clean):
        if on and _count_pinned(place) >= MOST_PINNED:
            raise Invalid(_("A board has room for %(n)s pinned topics. Unpin one first.", n=MOST_PINNED), "act")
        tending.change(conversation_id, pinned=on)
        history.record(conversation_id, Kind.PIN if on else Kind.UNPIN, me.persona_id, clean)


def lock(actor: Actor, conversation_id: bytes, on: bool, reason: str) -> None:
    """Close a topic so that it is only read, or open it again. :raises NotFound, Invalid: as for `pin`."""
    with tending.tend(actor, conversation_id, reason) as (place, me, clean):
        tending.lock(place, me, on, clean)


def slow_down(actor: Actor, conversation_id: bytes, minutes: int, reason: str) -> None:
    """Let each person write once in so many minutes.

    :param minutes: one of slow.CHOICES; 0 for no slower than others. :raises NotFound, Invalid: as for `pin`.
    """
    if minutes not in slow.CHOICES:
        raise Invalid(_("Choose one of the times."), "minutes")
    with tending.tend(actor, conversation_id, reason) as (place, me, clean):
        tending.slow_down(place, minutes)
        history.record(conversation_id, Kind.SLOW, me.persona_id, clean, before=place.slow_minutes)


def move(actor: Actor, conversation_id: bytes, board_id: bytes, reason: str) -> None:
    """Let a topic stand on another board of its group. The page before this one says for how many readers.

    :raises NotFound: none such for this actor. :raises Invalid: no reason, or a board where nobody writes.
    """
    with tending.tend(actor, conversation_id, reason) as (place, me, clean):
        tending.move(place, me, board_id, clean)


def merge(actor: Actor, conversation_id: bytes, into_id: bytes, reason: str) -> None:
    """Let all posts of a topic go to the end of another one on the same board. The emptied one says where they are.

    :raises NotFound: none such for this actor. :raises Invalid: no reason, not on this board, or too long.
    """
    with tending.tend(actor, conversation_id, reason, into_id) as (place, me, clean):
        into = places.find_place(into_id)
        if into is None or into_id == conversation_id or into.board_id != place.board_id:
            raise Invalid(_("Choose another topic of the same board."), "into")
        moved = parting.append(conversation_id, into_id, 1)
        if moved is None:
            raise Invalid(_("There is nothing in this topic that could go."), "into")
        before = int(place.closed_at is not None)
        tending.change(conversation_id, closed_at=place.closed_at or clock.this_hour(), pinned=False)
        tending.latest_of(conversation_id, into_id)
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
    with tending.tend(actor, found.conversation_id, reason) as (place, me, clean):
        post = row(select(Post.seq).where(Post.id == post_id, Post.conversation_id == place.id))
        if post is None or post.seq <= _first_shown(place.id):
            raise Invalid(_("A topic is parted after its first post. Move the whole topic instead."), "title")
        made = steps.open_conversation(place.group_id, place.board_id, ConversationKind.TOPIC, named, place.lang)
        lifecycle.lock_conversation(made)
        moved = parting.append(place.id, made, post.seq)
        assert moved is not None
        asked = select(Conversation.names_only).where(Conversation.id == place.id)
        tending.change(made, names_only=asked.scalar_subquery())
        tending.latest_of(place.id, made)
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
    with tending.tend(actor, event.conversation_id, reason, event.other_id or b"") as (place, me, clean):
        event = history.find_event(event_id)
        inverse = tending.INVERSES.get(Kind(event.kind)) if event else None
        if event is None or inverse is None or event.undone:
            raise Conflict(_("It is undone, or it stays as it is."))
        inverse(place, me, event)
        tending.note_undone(event, me.persona_id, clean)


def _count_pinned(place: Place) -> int:
    pinned = (Conversation.board_id == place.board_id, Conversation.pinned, Conversation.id != place.id)
    return here().scalar(select(func.count()).where(*pinned)) or 0


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
