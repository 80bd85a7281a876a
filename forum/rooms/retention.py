"""The words of a meeting go when the time is over for which its group's rules keep them, each message by its own age (C9).

Before anybody writes, the doorway says how long; afterwards the closed room does. What somebody of the team still has to
look at stays until they did. With the last words go the lists of who was there, who meant to come, and the team's notes.
"""

from collections.abc import Sequence

from sqlalchemy import Row, select, update

from forum.base.db import row, rows
from forum.base.transaction import here, transaction
from forum.conversations import fading
from forum.conversations.fading import Kept
from forum.models import Hand, Meeting, Post, RoomGuest, RoomNote, SignUp
from forum.policy import terms
from forum.rooms import keeping, of_meeting
from forum.rooms.queries import OVER, of_meetings

#: What goes with the last words.
_ABOUT = (RoomGuest, SignUp, RoomNote, Hand)


def let_go_of_due(most: int | None = None) -> int:
    """Let words go whose time is over; gives how many messages. Safe to do again at any moment.

    :param most: stop after about so many and leave the rest to the next time; None: all of them.
    """
    done = 0
    for meeting in rows(_FULL):
        found = _list_due(meeting)
        done += fading.let_go(found if most is None else found[: most - done])
        if meeting.state in OVER:
            _empty(meeting)
        if most is not None and done >= most:
            break
    return done


_FULL = (
    of_meetings(Meeting.id, Meeting.conversation_id, Meeting.state, Meeting.closed_at, Meeting.retention)
    .where(Meeting.emptied.is_(False), Meeting.opened_at.is_not(None) | Meeting.state.in_(OVER))
    .order_by(Meeting.id)
)


def _list_due(meeting: Row) -> Sequence[Row]:
    """The shorter of what was promised while people wrote and what holds now."""
    now = keeping.wanted(meeting.kind, terms.find(meeting.rules, meeting.organisation_id, meeting.floor_id))
    value = keeping.strictest(meeting.retention, now)
    if value == keeping.AT_END and meeting.state not in OVER:
        return []
    kept = Kept(keeping.DAYS[value], None)
    return rows(
        fading.POSTS.where(Post.conversation_id == meeting.conversation_id, fading.is_over(Post.written_at, kept))
    )


def _empty(meeting: Row) -> None:
    left = select(Post.id).where(Post.conversation_id == meeting.conversation_id, Post.body != "").limit(1)
    if row(left) is not None:
        return
    with transaction():
        for model in _ABOUT:
            of_meeting.forget(model, meeting.id)
        gone = update(Meeting).where(Meeting.id == meeting.id).values(emptied=True, prompt="")
        here().execute(gone.execution_options(synchronize_session=False))
