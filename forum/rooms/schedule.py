"""When a group meets: weekly meetings planned some weeks ahead, single ones, their theme, and what becomes of missed ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from forum.base import clock
from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.groups.duty import turn_on
from forum.models import Group, Meeting, MeetingState, Room, RoomKind
from forum.policy import record
from forum.policy.actor import Actor
from forum.policy.members import actor_in
from forum.policy.permissions import may_facilitate, require
from forum.rooms import meetings, queries

#: Far enough for somebody to plan the month, near enough that a changed time reaches few who said that they come.
WEEKS_AHEAD = 4
#: A single meeting further off than this is a typing mistake.
FURTHEST = timedelta(days=366)
MOST_THEME, MOST_PROMPT = 100, 300


@dataclass(frozen=True)
class Theme:
    """What a meeting is about. :param prompt: what people can begin with; both may be empty."""

    theme: str = ""
    prompt: str = ""

    def checked(self) -> "Theme":
        """Tidied. :raises Invalid: one is too long."""
        theme, prompt = " ".join(self.theme.split()), " ".join(self.prompt.split())
        if len(theme) > MOST_THEME:
            raise Invalid(_("Make this shorter: at most %(n)s letters.", n=MOST_THEME), "theme")
        if len(prompt) > MOST_PROMPT:
            raise Invalid(_("Make this shorter: at most %(n)s letters.", n=MOST_PROMPT), "prompt")
        return Theme(theme, prompt)


def times_of(weekday: int, starts: str, zone: str, now: datetime) -> list[datetime]:
    """The next weekly times, by the group's own clock; pure.

    :param weekday: 0 = Monday. :param starts: HH:MM.
    """
    at, here = time.fromisoformat(starts), ZoneInfo(zone)
    today = now.astimezone(here).date()
    first = today + timedelta(days=(weekday - today.weekday()) % 7)
    days = [first + timedelta(weeks=n) for n in range(WEEKS_AHEAD + 1)]
    return [moment for moment in (at_time(day, at, here) for day in days) if moment > now][:WEEKS_AHEAD]


def at_time(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When a clock on the wall of the group shows this time."""
    return turn_on(day, at, at, zone).starts


def plan_ahead() -> int:
    """Plan the weekly meetings of all rooms for the next weeks; gives how many are new. Safe to do again at any moment."""
    weekly = (Room.kind == RoomKind.SESSION, Room.weekday.is_not(None), Room.retired_at.is_(None))
    found = rows(select(*Room.__table__.columns, Group.zone).join(Group, Group.id == Room.group_id).where(*weekly))
    return sum(_plan(room) for room in found if _missing(room))


@retrying
def _plan(room: Row) -> int:
    with transaction():
        return plan_weekly(room)


def plan_weekly(room: Row) -> int:
    """Step: the weekly meetings of a room that are not planned yet. :param room: with its group's `zone`."""
    missing = _missing(room)
    for planned_at in missing:
        meetings.make(room, planned_at=planned_at)
    return len(missing)


def _missing(room: Row) -> list[datetime]:
    if room.weekday is None or room.kind is not RoomKind.SESSION:
        return []
    wanted = times_of(room.weekday, room.starts, room.zone, clock.now())
    there = {r.planned_at for r in rows(select(Meeting.planned_at).where(Meeting.room_id == room.id))}
    return [moment for moment in wanted if moment not in there]


def drop_others(room: Row) -> None:
    """Step: planned meetings at times that a room no longer has do not take place; those with a theme of their own do."""
    times = times_of(room.weekday, room.starts, room.zone, clock.now()) if room.weekday is not None else []
    for meeting in queries.list_of_room(room.id, [MeetingState.PLANNED]):
        if meeting.planned_at not in times and not meeting.theme:
            meetings.cancel(meeting.id)


def cancel_missed() -> int:
    """Planned meetings that nobody opened are over when their time is; gives how many."""
    late = select(Meeting.id, Meeting.planned_at, Room.minutes).join(Room, Room.id == Meeting.room_id)
    found = rows(late.where(Meeting.state == MeetingState.PLANNED, Meeting.planned_at < clock.now()))
    missed = [r for r in found if r.planned_at + timedelta(minutes=r.minutes) <= clock.now()]
    for r in missed:
        with transaction():
            if meetings.lock(r.id).state is MeetingState.PLANNED:
                meetings.cancel(r.id)
    return len(missed)


@retrying
def plan_meeting(actor: Actor, room_id: bytes, day: date, at: time, theme: Theme, zone: str) -> bytes:
    """Plan one meeting; gives its id. The same room and time again is the same meeting.

    :raises NotFound, NotAllowed: no facilitator of the group. :raises Invalid: it lies behind us or too far off.
    """
    room, clean = queries.get_room(actor, room_id), theme.checked()
    require(may_facilitate, actor, room.group_id)
    planned_at = at_time(day, at, ZoneInfo(zone))
    if not clock.now() < planned_at < clock.now() + FURTHEST:
        raise Invalid(_("Choose a time that is still to come, within a year."), "day")
    with transaction():
        there = _find_at(room_id, planned_at)
        meeting_id = there or meetings.make(room, planned_at=planned_at)
        meetings.put(meeting_id, theme=clean.theme, prompt=clean.prompt)
    return meeting_id


def _find_at(room_id: bytes, planned_at: datetime) -> bytes | None:
    found = rows(select(Meeting.id).where(Meeting.room_id == room_id, Meeting.planned_at == planned_at))
    return found[0].id if found else None


def set_theme(actor: Actor, meeting_id: bytes, theme: Theme) -> None:
    """Say what a meeting is about. :raises NotFound, NotAllowed: no facilitator of the group. :raises Invalid: too long."""
    meeting, clean = queries.get_meeting(actor, meeting_id), theme.checked()
    require(may_facilitate, actor, meeting.scope.group_id)
    with transaction():
        require(may_facilitate, actor_in(actor, meeting.scope), meeting.scope.group_id)
        meetings.put(meeting_id, theme=clean.theme, prompt=clean.prompt)


def cancel_meeting(actor: Actor, meeting_id: bytes) -> None:
    """A planned meeting does not take place. :raises NotFound, NotAllowed: no facilitator, or it is on already."""
    meeting = queries.get_meeting(actor, meeting_id)
    require(may_facilitate, actor, meeting.scope.group_id)
    with transaction():
        now = actor_in(actor, meeting.scope)
        require(may_facilitate, now, meeting.scope.group_id)
        if meetings.lock(meeting_id).state is not MeetingState.PLANNED:
            raise NotAllowed(_("This meeting is on or over, so it cannot be called off."))
        meetings.cancel(meeting_id)
        record.note("room.cancel", now.memberships[meeting.scope.group_id].persona_id, meeting_id)


def list_planned(room_id: bytes) -> Sequence[queries.MeetingSeen]:
    """What is planned in a room, for its facilitators."""
    return queries.list_of_room(room_id, [MeetingState.PLANNED])
