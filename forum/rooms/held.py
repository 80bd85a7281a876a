"""What is held about one member of live rooms: for its owner's copy, and to let go of when their account is erased.

Where they came in, what they said beforehand, whether they want to be asked the next day, what they answered after leading.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, select

from forum.base import tagged
from forum.base.db import rows
from forum.base.keyring import Scope
from forum.base.parts import in_parts
from forum.base.transaction import here
from forum.conversations import drafts, masks
from forum.models import (
    CheckIn,
    Debrief,
    Draft,
    Hand,
    Meeting,
    Restriction,
    Room,
    RoomCard,
    RoomGuest,
    RoomNote,
    RoomSeat,
    SignUp,
)
from forum.rooms import check_ins, debriefs, guests, rules, sign_up

#: Bound values in one statement, twice as many during a rotation.
AT_ONCE = 200
#: Rows under a tag of persona and meeting, and of persona and the meeting's conversation.
_BY_MEETING = (
    (RoomGuest, guests.KIND),
    (SignUp, sign_up.KIND),
    (CheckIn, check_ins.KIND),
    (Debrief, debriefs.KIND),
    (Draft, drafts.KIND),
)
_BY_CONVERSATION = ((Restriction, rules.KIND),)


def held(scope: Scope, persona_id: bytes) -> list[dict[str, Any]]:
    """Meetings that still know of this member, found by tag."""
    found = []
    for some in in_parts(_meetings(scope), AT_ONCE):
        found += _held_of(scope, persona_id, some)
    return found


def _meetings(scope: Scope) -> Sequence[Row]:
    wanted = select(Meeting.id, Meeting.conversation_id, Meeting.planned_at, Meeting.opened_at, Room.name)
    return rows(
        wanted.join(Room, Room.id == Meeting.room_id).where(Meeting.group_id == scope.group_id).order_by(Meeting.id)
    )


def _held_of(scope: Scope, persona_id: bytes, meetings: Sequence[Row]) -> list[dict[str, Any]]:
    ids = {one.id: (persona_id, one.id) for one in meetings}
    known = {model: tagged.find_many(model, scope, kind, ids) for model, kind in _BY_MEETING}
    came, said, asked, led = known[RoomGuest], known[SignUp], known[CheckIn], known[Debrief]
    ready = {one: drafts.words_in(value) for one, value in known[Draft].items()}
    return [
        {
            "room": one.name,
            "at": (one.planned_at or one.opened_at).isoformat() if one.planned_at or one.opened_at else None,
            "came_in": one.id in came,
            "said_beforehand": sign_up.ANSWERS[said[one.id][0]] if one.id in said else None,
            "wants_to_be_asked_the_next_day": one.id in asked,
            "answered_after_leading": json.loads(led[one.id]) if one.id in led else [],
            "words_ready_for_a_turn": ready.get(one.id, []),
        }
        for one in meetings
        if any(one.id in found for found in known.values())
    ]


def forget(scope: Scope, persona_id: bytes) -> None:
    """Step: for good: no row of a live room leads to this persona or from it. Before their aliases lead nowhere.

    What they asked for in need, and what follows from it, stays sealed with those who answer for it until it is done.
    """
    meetings = _meetings(scope)
    for model, kind in _BY_MEETING:
        _drop(model, [tag for one in meetings for tag in tagged.tags(scope, kind, persona_id, one.id)])
    for model, kind in _BY_CONVERSATION:
        _drop(model, [tag for one in meetings for tag in tagged.tags(scope, kind, persona_id, one.conversation_id)])
    faces = [persona_id, *(mask.id for mask in masks.list_worn(scope, persona_id))]
    named = ((RoomSeat, RoomSeat.persona_id == persona_id), (RoomNote, RoomNote.persona_id == persona_id))
    shown = (RoomCard, RoomCard.face_id.in_(faces))
    raised = (Hand, Hand.persona_id.in_(faces) | Hand.mask_id.in_(faces))
    for model, theirs in (*named, shown, raised):
        here().execute(delete(model).where(theirs).execution_options(synchronize_session=False))


def _drop(model: Any, tags: list[bytes]) -> None:
    for some in in_parts(tags, AT_ONCE):
        here().execute(delete(model).where(model.tag.in_(some)).execution_options(synchronize_session=False))
