"""A side room: beside a meeting, for the people asked in. Its facilitator goes back and forth; a place in the meeting stays."""

from collections.abc import Sequence

from sqlalchemy import select

from forum.base.errors import NotAllowed
from forum.base.transaction import here
from forum.base.words import _
from forum.models import Duty, Room
from forum.policy import record
from forum.policy.actor import Actor
from forum.rooms import guests, meetings, queries, seats
from forum.rooms.acting import as_facilitator
from forum.rooms.queries import MeetingSeen

#: More than a few small groups nobody can look in on.
MOST = 6


def open_side_room(actor: Actor, meeting_id: bytes, persona_ids: Sequence[bytes], theme: str = "") -> bytes:
    """Open a side room with these people, the facilitator in its first seat; gives its id.

    :raises NotFound, NotAllowed: not for this actor, no seat in the meeting, or too many side rooms.
    """
    meeting = queries.get_meeting(actor, meeting_id)
    with as_facilitator(actor, meeting_id) as (locked, own):
        if locked.parent_id or not meeting.is_live:
            raise NotAllowed(_("A side room opens beside a meeting that is on."))
        if len(queries.list_beside(meeting_id)) >= MOST:
            raise NotAllowed(_("There are many side rooms. Close one first."))
        side_id = open_beside(meeting, persona_ids, theme)
        seats.take(side_id, own, Duty.HOST)
        meetings.put(side_id, host_id=own)
        meetings.changed(meeting_id)
        record.note("room.side", own, side_id)
    return side_id


def open_beside(meeting: MeetingSeen, persona_ids: Sequence[bytes], theme: str = "") -> bytes:
    """Step: the same, whoever asks for it; until a facilitator takes a seat its page says that nobody is there yet.
    Gives its id. Nothing changes for anybody in the meeting: who asks for help does that unseen.

    :param persona_ids: who is asked in; of an alias its wearer, found in the same transaction.
    """
    room = here().execute(select(*Room.__table__.columns).where(Room.id == meeting.room_id)).one()
    side_id = meetings.make(room, planned_at=None, parent_id=meeting.id, theme=theme)
    for persona_id in persona_ids:
        guests.ask_in(meeting.scope, persona_id, side_id)
    meetings.begin(meetings.lock(side_id))
    return side_id
