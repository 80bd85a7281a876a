"""The steps that move a meeting from state to state: the only writer of `Meeting.state`. They never commit.

Every change that people in the room may see counts in `state_no` and gives a hint, so that an open page asks what is new.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from forum.base import broadcast, clock
from forum.base.errors import NotFound
from forum.base.idents import new_ident
from forum.base.transaction import after_commit, here
from forum.conversations import steps
from forum.models import Conversation, ConversationKind, Meeting, MeetingState, Room, RoomKind, RoomSeat
from forum.policy import terms
from forum.policy.permissions import Denial
from forum.rooms import keeping
from forum.rooms.queries import RUNNING


def make(room: Row, *, planned_at: datetime | None, parent_id: bytes | None = None, theme: str = "") -> bytes:
    """Step: a meeting of a room, planned, with a conversation of its own; gives its id.

    :param planned_at: None for one that is opened when somebody is there. :param parent_id: the meeting it is beside.
    """
    meeting_id = new_ident()
    conversation_id = steps.open_conversation(room.group_id, None, ConversationKind.ROOM, room.name, "en")
    here().execute(
        insert(Meeting).values(
            id=meeting_id,
            room_id=room.id,
            group_id=room.group_id,
            conversation_id=conversation_id,
            parent_id=parent_id,
            state=MeetingState.PLANNED,
            planned_at=planned_at,
            theme=theme,
            state_no=0,
            slow_s=0,
            paused=False,
            retention="",
        )
    )
    return meeting_id


def lock(meeting_id: bytes) -> Row:
    """Step: the meeting, nobody else changing it meanwhile; with `kind`, `masked`, `needs`, `minutes` of its room.

    :raises NotFound: there is none.
    """
    of_room = (Room.kind.label("kind"), Room.masked, Room.needs, Room.minutes, Room.name)
    found = (
        here()
        .execute(
            select(*Meeting.__table__.columns, *of_room)
            .join(Room, Room.id == Meeting.room_id)
            .where(Meeting.id == meeting_id)
            .with_for_update(of=Meeting)
        )
        .first()
    )
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


def changed(meeting_id: bytes) -> None:
    """Step: something changed that people in the meeting may see; their pages are told to ask."""
    put(meeting_id)


def put(meeting_id: bytes, **columns: Any) -> None:
    """Step: change columns of a meeting that people in it may see. Its state goes through `set_state`."""
    found = here().execute(
        update(Meeting)
        .where(Meeting.id == meeting_id)
        .values(state_no=Meeting.state_no + 1, **columns)
        .returning(Meeting.state_no, Meeting.conversation_id)
        .execution_options(synchronize_session=False)
    )
    now = found.one()
    after_commit(lambda: broadcast.changed_state(now.conversation_id, now.state_no))


def set_state(meeting_id: bytes, state: MeetingState, **columns: Any) -> None:
    """Step: the meeting's state from now on, with what changes along with it."""
    put(meeting_id, state=state, **columns)


def begin(meeting: Row, *, reason: str = "") -> None:
    """Step: members can come in from now on. :param reason: why with fewer facilitators than agreed."""
    now = clock.now()
    start = max(now, meeting.planned_at) if meeting.planned_at else now
    ends_at = (
        None
        if meeting.kind is RoomKind.DROP_IN and not meeting.parent_id
        else start + timedelta(minutes=meeting.minutes)
    )
    retention = _retention_of(meeting)
    values = {"opened_at": now, "ends_at": ends_at, "alone_reason": reason, "retention": retention}
    set_state(meeting.id, MeetingState.OPEN, grace_until=None, **values)


def _retention_of(meeting: Row) -> str:
    return keeping.strictest(meeting.retention, keeping.wanted(meeting.kind, terms.of_group(meeting.group_id)))


def close(meeting_id: bytes) -> None:
    """Step: the meeting is over, and so is every side room of it: nobody writes any more, and nobody holds a seat."""
    for side in here().execute(select(Meeting.id).where(Meeting.parent_id == meeting_id, Meeting.state.in_(RUNNING))):
        close(side.id)
    found = lock(meeting_id)
    steps.lock(found.conversation_id)  # whoever writes at this moment is done, or is told that it is closed
    ended = update(Conversation).where(Conversation.id == found.conversation_id).values(closed_at=clock.now())
    here().execute(ended.execution_options(synchronize_session=False))
    here().execute(
        delete(RoomSeat).where(RoomSeat.meeting_id == meeting_id).execution_options(synchronize_session=False)
    )
    over = {"closed_at": clock.now(), "grace_until": None, "paused": False, "host_id": None}
    set_state(meeting_id, MeetingState.CLOSED, **over)


def cancel(meeting_id: bytes) -> None:
    """Step: a planned meeting does not take place."""
    set_state(meeting_id, MeetingState.CANCELLED)
