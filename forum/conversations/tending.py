"""What looking after a topic is made of, inside a transaction: the topic as it is now, its changes, and their inverses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Row, func, select, update

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Invalid, NotFound
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.conversations import feed, history, lifecycle, parting, places, search_index, slow
from forum.conversations.history import Kind, Moved
from forum.conversations.places import Place
from forum.models import Board, Conversation, ConversationKind
from forum.policy.actor import Actor, Membership
from forum.policy.audience import includes
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, may_look_after, require

MOST_REASON = 300


@contextmanager
def tend(
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


def move(place: Place, me: Membership, board_id: bytes | None, reason: str, ident: bytes | None = None) -> None:
    """Step: let a topic stand on another board of its group.

    :param ident: of the event, for `undo_by_decision`. :raises Invalid: a board where nobody writes, or the same one.
    """
    _move(place, me, board_id)
    history.record(place.id, Kind.MOVE, me.persona_id, reason, other_id=place.board_id, ident=ident)


def _move(place: Place, me: Membership, board_id: bytes | None) -> None:
    known = (Board.id == board_id, Board.group_id == place.group_id)
    board = row(select(Board.id, Board.readers, Board.retired_at).where(*known))
    if board is None or not includes(board.readers, me) or board.id == place.board_id:
        raise Invalid(_("Choose another board of this group."), "board")
    if board.retired_at is not None:
        raise Invalid(_("That board is closed. Choose another one."), "board")
    change(place.id, board_id=board.id, pinned=False)
    feed.touch_quotes_across(place.id)
    search_index.note_moved(place.id)


def lock(place: Place, me: Membership, on: bool, reason: str, ident: bytes | None = None) -> None:
    """Step: close a topic so that it is only read, or open it again. :param ident: as for `move`."""
    change(place.id, closed_at=clock.this_hour() if on else None)
    history.record(place.id, Kind.LOCK if on else Kind.UNLOCK, me.persona_id, reason, ident=ident)


def slow_down(place: Place, minutes: int) -> None:
    """Step: each person writes once in so many minutes from now on."""
    change(place.id, slow_minutes=minutes)
    if not minutes:
        slow.forget(place.scope, place.id)


def change(conversation_id: bytes, **values: Any) -> None:
    """Step: set columns of a conversation."""
    changed = update(Conversation).where(Conversation.id == conversation_id).values(**values)
    here().execute(changed.execution_options(synchronize_session=False))


def latest_of(source_id: bytes, target_id: bytes) -> None:
    """Step: the target stands where the later of the two did: its words are as new as theirs."""
    hours = select(func.max(Conversation.last_activity_hour)).where(Conversation.id.in_((source_id, target_id)))
    change(target_id, last_activity_hour=here().scalar(hours))


# --- Undoing --------------------------------------------------------------------------------------------------------


def note_undone(event: Row, by: bytes, reason: str) -> None:
    """Step: an event and its twin are undone, and both conversations say so."""
    both = [(event.conversation_id, event.id)]
    if event.other_id and event.twin_id:
        both.append((event.other_id, event.twin_id))
    history.mark_undone([ident for _one, ident in both])
    for conversation_id, _ident in both:
        history.record(conversation_id, Kind.UNDO, by, reason)


def end_lock(conversation_id: bytes, event_id: bytes, by: bytes, reason: str) -> None:
    """Step: open a topic that was closed for a time, unless the team opened or closed it again since."""
    closing = (Kind.LOCK, Kind.UNLOCK)
    latest = next((e for e in history.list_events(conversation_id) if e.kind in closing), None)
    if latest is None or latest.id != event_id or latest.undone:
        return
    change(conversation_id, closed_at=None)
    note_undone(latest, by, reason)


def undo_by_decision(place: Place, me: Membership, event_id: bytes, reason: str) -> None:
    """Step: the inverse of a `move` or `lock`, unless it is undone or the topic is as it was by now."""
    event = history.find_event(event_id)
    if event is None or event.undone:
        return
    if event.kind == Kind.LOCK or place.board_id != event.other_id:
        INVERSES[Kind(event.kind)](place, me, event)
    note_undone(event, me.persona_id, reason)


def _unpin(place: Place, _me: Membership, event: Row) -> None:
    change(place.id, pinned=event.kind == Kind.UNPIN)


def _unlock(place: Place, _me: Membership, event: Row) -> None:
    change(place.id, closed_at=clock.this_hour() if event.kind == Kind.UNLOCK else None)


def _unslow(place: Place, _me: Membership, event: Row) -> None:
    slow_down(place, event.before)


def _move_back(place: Place, me: Membership, event: Row) -> None:
    _move(place, me, event.other_id)


def _unmerge(place: Place, _me: Membership, event: Row) -> None:
    away, into = _sides(place.id, event)
    parting.take_back(into, away, Moved(event.first_seq, event.last_seq, event.shifted))
    twin = history.find_event(event.id if event.kind == Kind.WENT else event.twin_id)
    if twin is None or not twin.before:
        change(away, closed_at=None)


def _rejoin(place: Place, _me: Membership, event: Row) -> None:
    """What was written in the new topic since comes along, after the rest."""
    old, made = _sides(place.id, event)
    parting.take_back(made, old, Moved(event.first_seq, event.last_seq, event.shifted))
    parting.append(made, old, event.last_seq + 1)
    change(made, closed_at=clock.this_hour(), pinned=False)
    latest_of(made, old)


def _sides(conversation_id: bytes, event: Row) -> tuple[bytes, bytes]:
    """Where the posts were and where they went."""
    away = Kind(event.kind) in history.AWAY
    return (conversation_id, event.other_id) if away else (event.other_id, conversation_id)


#: What the page of changes offers to undo, and how.
INVERSES: dict[Kind, Callable[[Place, Membership, Row], None]] = {
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
