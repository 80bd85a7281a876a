"""Reading rooms and their meetings. Every query that permits takes the actor first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select

from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.hot import Hot
from forum.base.keyring import Scope
from forum.models import Charter, Group, Meeting, MeetingState, Organisation, Room, RoomKind
from forum.policy import terms
from forum.policy.actor import Actor, Membership
from forum.policy.holding import BrakeOn, brake_of, brakes_of
from forum.policy.permissions import Denial, may_come_to_rooms, require
from forum.policy.terms import Terms
from forum.rooms import guests

#: What somebody can be in.
LIVE = (MeetingState.OPEN, MeetingState.ALONE, MeetingState.HELD, MeetingState.WINDING_DOWN)
#: And what facilitators can be in before the others.
RUNNING = (MeetingState.EARLY, *LIVE)
OVER = (MeetingState.CLOSED, MeetingState.CANCELLED)
#: Meetings of one group on a page.
MOST = 30


@dataclass(frozen=True)
class MeetingSeen:
    """A meeting with what its pages and rules need of its room and group.

    :param kind: of its room, or SIDE. :param terms: what the group's rules and its organisation decide.
    :param brake: of the room or its whole group. None holds up a side room: who struggles talks to somebody there.
    """

    id: bytes
    scope: Scope
    room_id: bytes
    conversation_id: bytes
    parent_id: bytes | None
    kind: RoomKind
    name: str
    purpose: str
    masked: bool
    needs: int
    capacity: int | None
    minutes: int
    sign_up: bool
    summary: bool
    agenda: str
    state: MeetingState
    planned_at: datetime | None
    opened_at: datetime | None
    ends_at: datetime | None
    closed_at: datetime | None
    theme: str
    prompt: str
    host_id: bytes | None
    step: str
    step_until: datetime | None
    state_no: int
    slow_s: int
    paused: bool
    quiet_until: datetime | None
    least_heard: bool
    clause_uid: str | None
    grace_until: datetime | None
    alone_reason: str
    retention: str
    zone: str
    nation: str
    group_name: str
    group_address: str
    terms: Terms
    brake: BrakeOn | None

    @property
    def is_live(self) -> bool:
        """Members can be in."""
        return self.state in LIVE

    @property
    def is_over(self) -> bool:
        """Nobody can be in any more."""
        return self.state in OVER

    @property
    def is_side(self) -> bool:
        """It is beside another meeting."""
        return self.parent_id is not None


_OWN = (
    Meeting.id,
    Meeting.room_id,
    Meeting.conversation_id,
    Meeting.parent_id,
    Meeting.state,
    Meeting.planned_at,
    Meeting.opened_at,
    Meeting.ends_at,
    Meeting.closed_at,
    Meeting.theme,
    Meeting.prompt,
    Meeting.host_id,
    Meeting.step,
    Meeting.step_until,
    Meeting.state_no,
    Meeting.slow_s,
    Meeting.paused,
    Meeting.quiet_until,
    Meeting.least_heard,
    Meeting.clause_uid,
    Meeting.grace_until,
    Meeting.alone_reason,
    Meeting.retention,
)
_OF_ROOM = (
    Room.name,
    Room.purpose,
    Room.masked,
    Room.needs,
    Room.capacity,
    Room.minutes,
    Room.sign_up,
    Room.summary,
    Room.agenda,
)
#: The same names as fields of `MeetingSeen`.
_PLAIN = tuple(column.key for column in (*_OWN, *_OF_ROOM))


def of_meetings(*columns: Any) -> Select[Any]:
    """These columns of meetings, with their room's kind and all that says which rules hold there (`terms.find`)."""
    holding = (Room.kind, Group.organisation_id, Organisation.floor_id, Charter.version_id.label("rules"))
    return (
        select(*columns, *holding)
        .join(Room, Room.id == Meeting.room_id)
        .join(Group, Group.id == Meeting.group_id)
        .join(Organisation, Organisation.id == Group.organisation_id)
        .outerjoin(Charter, Charter.group_id == Group.id)
    )


_MEETINGS = of_meetings(
    *_OWN,
    *_OF_ROOM,
    Meeting.group_id,
    Group.zone,
    Group.name.label("group_name"),
    Group.address.label("group_address"),
    Organisation.nation,
    *brakes_of(Group, Room),
)
_BY_ID = Hot(_MEETINGS.where(Meeting.id == bindparam("meeting")))
_BY_CONVERSATION = Hot(_MEETINGS.where(Meeting.conversation_id == bindparam("conversation")))


def find_meeting(meeting_id: bytes) -> MeetingSeen | None:
    """A meeting, for whoever goes on to ask the rules; not a permission."""
    found = _BY_ID.row({"meeting": meeting_id})
    return _read(found) if found else None


def find_by_conversation(conversation_id: bytes) -> MeetingSeen | None:
    """The meeting whose words stand in a conversation; not a permission."""
    found = _BY_CONVERSATION.row({"conversation": conversation_id})
    return _read(found) if found else None


def find_door(conversation_id: bytes) -> Row | None:
    """Of the meeting whose words stand in a conversation, `id` and whether its room is `masked`; not a permission.

    Asked for each message and each page of a room, so it reads no more than that.
    """
    return _DOOR.row({"conversation": conversation_id})


_DOOR = Hot(
    select(Meeting.id, Room.masked)
    .join(Room, Room.id == Meeting.room_id)
    .where(Meeting.conversation_id == bindparam("conversation"))
)


def get_meeting(actor: Actor, meeting_id: bytes) -> MeetingSeen:
    """A meeting of a group that the actor is in; whether they may come in is asked at its door.

    Of a side room only those who were asked in and the team learn that it is there.

    :raises NotFound: none such, or not for this actor: the two look the same.
    """
    found = find_meeting(meeting_id)
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    require(may_come_to_rooms, actor, found.scope.group_id)
    member = member_of(actor, found)
    if found.is_side and not (member.on_team or guests.find(found.scope, member.persona_id, meeting_id)):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


def find_scope(meeting_id: bytes) -> Scope | None:
    """Where a meeting belongs, to load the actor's membership; not a permission."""
    found = row(
        select(Group.organisation_id, Group.id)
        .join(Meeting, Meeting.group_id == Group.id)
        .where(Meeting.id == meeting_id)
    )
    return Scope(found.organisation_id, found.id) if found else None


def find_scope_of_room(room_id: bytes) -> Scope | None:
    """Where a room belongs; not a permission."""
    found = row(select(Group.organisation_id, Group.id).join(Room, Room.group_id == Group.id).where(Room.id == room_id))
    return Scope(found.organisation_id, found.id) if found else None


def list_rooms(actor: Actor, group_id: bytes) -> Sequence[Row]:
    """The rooms in use, those with a weekly time first. :raises NotFound: not a member."""
    require(may_come_to_rooms, actor, group_id)
    wanted = select(Room).where(Room.group_id == group_id, Room.retired_at.is_(None))
    return rows(
        wanted.with_only_columns(*Room.__table__.columns).order_by(Room.weekday.is_(None), Room.weekday, Room.name)
    )


def get_room(actor: Actor, room_id: bytes) -> Row:
    """One room in use, with its group's address. :raises NotFound: none such, or not a member."""
    wanted = select(*Room.__table__.columns, Group.address).join(Group, Group.id == Room.group_id)
    found = row(wanted.where(Room.id == room_id, Room.retired_at.is_(None)))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    require(may_come_to_rooms, actor, found.group_id)
    return found


def list_coming(actor: Actor, group_id: bytes) -> list[MeetingSeen]:
    """Meetings that are on, then those that are planned, soonest first; side rooms are not listed.

    :raises NotFound: not a member.
    """
    require(may_come_to_rooms, actor, group_id)
    found = rows(
        _MEETINGS.where(
            Meeting.group_id == group_id,
            Meeting.parent_id.is_(None),
            Meeting.state.in_((MeetingState.PLANNED, *RUNNING)),
        )
        .order_by(Meeting.state == MeetingState.PLANNED, Meeting.planned_at, Meeting.id)
        .limit(MOST)
    )
    return [_read(r) for r in found]


def list_of_room(room_id: bytes, states: Sequence[MeetingState]) -> list[MeetingSeen]:
    """Meetings of one room in these states, soonest first; for its facilitators and the upkeep."""
    wanted = _MEETINGS.where(Meeting.room_id == room_id, Meeting.state.in_(states), Meeting.parent_id.is_(None))
    return [_read(r) for r in rows(wanted.order_by(Meeting.planned_at, Meeting.id).limit(MOST))]


def list_lately(group_id: bytes, since: datetime) -> list[MeetingSeen]:
    """Meetings that ended after `since`, the latest first; for those who look after the group."""
    over = (Meeting.group_id == group_id, Meeting.state == MeetingState.CLOSED, Meeting.closed_at > since)
    wanted = _MEETINGS.where(*over, Meeting.parent_id.is_(None), Meeting.opened_at.is_not(None))
    return [_read(r) for r in rows(wanted.order_by(Meeting.closed_at.desc(), Meeting.id).limit(MOST))]


def list_beside(meeting_id: bytes) -> list[MeetingSeen]:
    """The side rooms of a meeting that are on, for those who look after it."""
    wanted = _MEETINGS.where(Meeting.parent_id == meeting_id, Meeting.state.in_(RUNNING))
    return [_read(r) for r in rows(wanted.order_by(Meeting.opened_at, Meeting.id).limit(MOST))]


def list_running() -> list[MeetingSeen]:
    """Every meeting that somebody has to look after now, of all groups; for the ticker."""
    return [_read(r) for r in rows(_MEETINGS.where(Meeting.state.in_(RUNNING)))]


def list_ids_running(group_id: bytes, room_id: bytes | None) -> list[bytes]:
    """Meetings of one room, or of all rooms of a group, that somebody can be in; side rooms are not among them."""
    wanted = select(Meeting.id).where(
        Meeting.group_id == group_id, Meeting.state.in_(RUNNING), Meeting.parent_id.is_(None)
    )
    return [r.id for r in rows(wanted if room_id is None else wanted.where(Meeting.room_id == room_id))]


def address_of(group_id: bytes) -> str:
    """A group's short address."""
    found = row(select(Group.address).where(Group.id == group_id))
    return str(found.address) if found else ""


def find_next(group_id: bytes) -> MeetingSeen | None:
    """The meeting that is on, or the next one that is planned; for pages whose reader is a member."""
    found = row(
        _MEETINGS.where(
            Meeting.group_id == group_id,
            Meeting.parent_id.is_(None),
            Room.kind.in_((RoomKind.SESSION, RoomKind.DROP_IN)),
            Meeting.state.in_((MeetingState.PLANNED, *RUNNING)),
        )
        .order_by(Meeting.state == MeetingState.PLANNED, Meeting.planned_at, Meeting.id)
        .limit(1)
    )
    return _read(found) if found else None


def member_of(actor: Actor, meeting: MeetingSeen) -> Membership:
    """Who the actor is in the meeting's group. :raises NotFound: nobody."""
    found = actor.membership_in(meeting.scope.group_id)
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


def _read(found: Any) -> MeetingSeen:
    plain = {name: getattr(found, name) for name in _PLAIN}
    return MeetingSeen(
        **plain,
        kind=RoomKind.SIDE if found.parent_id else found.kind,
        scope=Scope(found.organisation_id, found.group_id),
        zone=found.zone,
        nation=found.nation,
        group_name=found.group_name,
        group_address=found.group_address,
        terms=terms.find(found.rules, found.organisation_id, found.floor_id),
        brake=None if found.parent_id else brake_of(found, Group, Room),
    )
