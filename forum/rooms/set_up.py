"""Making rooms, changing them and putting them away: for a group's facilitators."""

from dataclasses import dataclass, replace
from datetime import time
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Invalid, NotAllowed
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import Group, MeetingState, Room, RoomKind
from forum.policy import record, terms
from forum.policy.actor import Actor
from forum.policy.members import actor_in
from forum.policy.permissions import may_facilitate, require
from forum.rooms import meetings, queries, run, schedule

MOST_NAME, MOST_PURPOSE = 60, 200
#: More rooms than a group can look after nobody finds their way in.
MOST_ROOMS = 20
#: What opening may need. More than this never comes together.
NEEDS = (1, 2, 3, 4)
LEAST_MINUTES, MOST_MINUTES = 15, 240
MOST_PLACES = 500
KINDS = (RoomKind.SESSION, RoomKind.DROP_IN, RoomKind.PRACTICE)


@dataclass(frozen=True)
class Wanted:
    """A room as its facilitators want it; times by the group's own clock.

    :param weekday: 0 = Monday; None: no weekly meeting. :param starts: HH:MM. :param planned: meetings follow the usual steps.
    """

    name: str = ""
    purpose: str = ""
    kind: RoomKind = RoomKind.SESSION
    masked: bool = False
    needs: int = 2
    capacity: int | None = None
    weekday: int | None = None
    starts: str = ""
    minutes: int = 60
    sign_up: bool = False
    summary: bool = False
    planned: bool = False


def wanted_of(room: Row) -> Wanted:
    """A room as the form shows it."""
    names = set(Wanted.__dataclass_fields__) - {"planned"}
    return Wanted(**{name: getattr(room, name) for name in names}, planned=bool(room.agenda))


def check(wanted: Wanted, *, hides: bool) -> Wanted:
    """What was typed, tidied.

    :param hides: the group's rules let names be hidden. :raises Invalid: something is missing or cannot be.
    """
    name, purpose = " ".join(wanted.name.split()), " ".join(wanted.purpose.split())
    if not 1 <= len(name) <= MOST_NAME:
        raise Invalid(_("Give the room a name of at most %(n)s letters.", n=MOST_NAME), "name")
    if len(purpose) > MOST_PURPOSE:
        raise Invalid(_("Say what it is for in at most %(n)s letters.", n=MOST_PURPOSE), "purpose")
    if wanted.kind not in KINDS or wanted.needs not in NEEDS:
        raise Invalid(_("Choose one of the answers."), "kind" if wanted.kind not in KINDS else "needs")
    if wanted.masked and not hides:
        raise Invalid(_("Your ground rules say that names show, so a room cannot hide them."), "masked")
    if not LEAST_MINUTES <= wanted.minutes <= MOST_MINUTES:
        least, most = LEAST_MINUTES, MOST_MINUTES
        raise Invalid(_("A meeting lasts from %(least)s to %(most)s minutes.", least=least, most=most), "minutes")
    if wanted.capacity is not None and not 1 <= wanted.capacity <= MOST_PLACES:
        raise Invalid(_("Give a number of places from 1 to %(most)s, or leave it empty.", most=MOST_PLACES), "capacity")
    return _with_times(replace(wanted, name=name, purpose=purpose))


def _with_times(wanted: Wanted) -> Wanted:
    """Only sessions have a weekly time. :raises Invalid: the time of day is none."""
    if wanted.kind is not RoomKind.SESSION or wanted.weekday is None:
        return replace(wanted, weekday=None, starts="")
    try:
        at = time.fromisoformat(wanted.starts)
    except ValueError as error:
        raise Invalid(_("Give the time as hours and minutes, such as 19:30."), "starts") from error
    if wanted.weekday not in range(7):
        raise Invalid(_("Choose one of the answers."), "weekday")
    return replace(wanted, starts=at.strftime("%H:%M"))


def make_room(actor: Actor, scope: Scope, wanted: Wanted) -> bytes:
    """A new room, its weekly meetings planned; gives its id.

    :raises NotFound, NotAllowed: no facilitator of this group. :raises Invalid: as `check`, or too many rooms.
    """
    require(may_facilitate, actor, scope.group_id)
    clean = check(wanted, hides=_hides(scope))
    with transaction():
        now = actor_in(actor, scope)
        require(may_facilitate, now, scope.group_id)
        if _count(scope) >= MOST_ROOMS:
            raise Invalid(_("A group has at most %(n)s rooms. Put one away first.", n=MOST_ROOMS), "name")
        room_id = add_room(scope, clean)
        record.note("room.make", now.memberships[scope.group_id].persona_id, room_id)
    return room_id


def add_room(scope: Scope, wanted: Wanted) -> bytes:
    """Step: a room, its weekly meetings planned; gives its id. :param wanted: tidied, as `check` gives it."""
    room_id = new_ident()
    here().execute(insert(Room).values(id=room_id, group_id=scope.group_id, retired_at=None, **_columns(wanted)))
    schedule.plan_weekly(_with_zone(room_id))
    return room_id


def change_room(actor: Actor, room_id: bytes, wanted: Wanted) -> None:
    """Another name, time or way of meeting. Planned meetings follow; one that has a theme of its own stays.

    :raises NotFound, NotAllowed, Invalid: as for making one; names are shown or hidden for a whole meeting.
    """
    scope = _scope_of(actor, room_id)
    clean = check(wanted, hides=_hides(scope))
    with transaction():
        now = actor_in(actor, scope)
        require(may_facilitate, now, scope.group_id)
        before = _with_zone(room_id)
        if before.masked is not clean.masked and queries.list_of_room(room_id, queries.RUNNING):
            raise Invalid(_("People are in this room now. Change this when they are gone."), "masked")
        _set(room_id, **_columns(clean))
        after = _with_zone(room_id)
        if (before.weekday, before.starts, before.kind) != (after.weekday, after.starts, after.kind):
            schedule.drop_others(after)
            schedule.plan_weekly(after)
        record.note("room.change", now.memberships[scope.group_id].persona_id, room_id)


def retire_room(actor: Actor, room_id: bytes) -> None:
    """Put a room away: no more meetings. What was said stays as long as was promised.

    :raises NotFound, NotAllowed: no facilitator of its group, or people are in it.
    """
    scope = _scope_of(actor, room_id)
    with transaction():
        now = actor_in(actor, scope)
        require(may_facilitate, now, scope.group_id)
        if queries.list_of_room(room_id, queries.RUNNING):
            raise NotAllowed(_("People are in this room now. Close it first, then put it away."))
        for meeting in queries.list_of_room(room_id, [MeetingState.PLANNED]):
            meetings.cancel(meeting.id)
        _set(room_id, retired_at=clock.now())
        record.note("room.retire", now.memberships[scope.group_id].persona_id, room_id)


def _scope_of(actor: Actor, room_id: bytes) -> Scope:
    """The group of a room that the actor may change. :raises NotFound, NotAllowed: not for this actor."""
    room = queries.get_room(actor, room_id)
    require(may_facilitate, actor, room.group_id)
    return actor.memberships[room.group_id].scope


def _hides(scope: Scope) -> bool:
    return terms.of_group(scope.group_id).values["identity.anon_post"] == "on"


def _count(scope: Scope) -> int:
    found = row(select(func.count()).where(Room.group_id == scope.group_id, Room.retired_at.is_(None)))
    return int(found[0]) if found else 0


def _columns(wanted: Wanted) -> dict[str, Any]:
    values = {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__ if name != "planned"}
    return {**values, "agenda": run.write_agenda(run.USUAL) if wanted.planned else ""}


def _set(room_id: bytes, **columns: Any) -> None:
    change = update(Room).where(Room.id == room_id).values(**columns)
    here().execute(change.execution_options(synchronize_session=False))


def _with_zone(room_id: bytes) -> Row:
    wanted = select(*Room.__table__.columns, Group.zone).join(Group, Group.id == Room.group_id)
    return here().execute(wanted.where(Room.id == room_id)).one()
