"""Brakes: when a board, a live room or the whole group gets out of hand, one tap holds or stops all that is new, for a day
at most.

Reading, the line to the team, reports and every page with help stay open. A brake ends by itself, or in one tap.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import format_date, format_time
from sqlalchemy import ColumnElement, Row, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import Board, Brake, Group, Room
from forum.policy import record, room_rules
from forum.policy.actor import Actor
from forum.policy.holding import BrakeOn, Place, brake_columns, brake_on
from forum.policy.permissions import Denial, may_look_after, require

#: What the page offers. After a day somebody looks again: a brake that nobody remembers closes a group.
HOURS, MOST_HOURS = (2, 8, 24), 24
MOST_WORDS = 200


@dataclass(frozen=True)
class Spot:
    """The group, or one board or live room of it, with the brake that is on there itself.

    :param place_id: of the board or room; None for the whole group.
    """

    place_id: bytes | None
    name: str
    brake: BrakeOn | None
    is_room: bool = False


@dataclass(frozen=True)
class Pull:
    """How somebody wants to brake.

    :param hours: 1 to MOST_HOURS. :param words: at most MOST_WORDS characters, for members to read; may be empty.
    """

    kind: Brake
    hours: int = MOST_HOURS
    words: str = ""


def list_spots(actor: Actor, scope: Scope) -> list[Spot]:
    """Where a brake can be pulled: the group, then its boards in their order, then its live rooms.

    :raises NotFound: not of the team.
    """
    require(may_look_after, actor, scope.group_id)
    of_group = select(Group.name, *brake_columns(Group)).where(Group.id == scope.group_id)
    in_use = (Board.group_id == scope.group_id, Board.retired_at.is_(None))
    of_boards = select(Board.id, Board.name, *brake_columns(Board)).where(*in_use).order_by(Board.ord, Board.name)
    open_rooms = (Room.group_id == scope.group_id, Room.retired_at.is_(None))
    of_rooms = select(Room.id, Room.name, *brake_columns(Room)).where(*open_rooms).order_by(Room.name, Room.id)
    group = row(of_group)
    assert group is not None
    boards = [Spot(b.id, b.name, _on(b)) for b in rows(of_boards)]
    return [Spot(None, group.name, _on(group)), *boards, *(Spot(r.id, r.name, _on(r), True) for r in rows(of_rooms))]


def _on(found: Row) -> BrakeOn | None:
    return brake_on(found.brake, found.brake_until, found.brake_words)


def find_on(group_id: bytes) -> BrakeOn | None:
    """The brake that is on in the whole group, for whoever was let in to it."""
    found = row(select(*brake_columns(Group)).where(Group.id == group_id))
    return _on(found) if found else None


def pull(actor: Actor, scope: Scope, place_id: bytes | None, wanted: Pull) -> None:
    """Put a board, a room or the whole group on hold, or stop it. Anybody of the team: whoever is awake need not ask.

    :param place_id: of the board or room; None for the whole group.
    :raises NotFound: not of the team, or no such place. :raises Invalid: too long, in time or in words.
    """
    words = " ".join(wanted.words.split())
    if len(words) > MOST_WORDS:
        raise Invalid(_("Make this shorter: at most %(n)s letters.", n=MOST_WORDS), "words")
    if not 1 <= wanted.hours <= MOST_HOURS:
        raise Invalid(_("Choose how long: at most %(n)s hours.", n=MOST_HOURS), "hours")
    until = clock.now().replace(second=0, microsecond=0) + timedelta(hours=wanted.hours)
    code = f"{wanted.kind.value}:{wanted.hours}"
    _set(actor, scope, place_id, code, brake=wanted.kind, brake_until=until, brake_words=words)


def let_go(actor: Actor, scope: Scope, place_id: bytes | None) -> None:
    """Take a brake off, as easily as it was pulled. What waits already waits on for somebody to read it.

    :raises NotFound: not of the team, or no such place.
    """
    _set(actor, scope, place_id, "off", brake=None, brake_until=None, brake_words="")


def _set(actor: Actor, scope: Scope, place_id: bytes | None, code: str, **columns: object) -> None:
    require(may_look_after, actor, scope.group_id)
    me = actor.membership_in(scope.group_id)
    assert me is not None
    with transaction():
        if not _change(scope, place_id, columns):
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        record.note("group.brake", me.persona_id, place_id or scope.group_id, code)


def _change(scope: Scope, place_id: bytes | None, columns: dict[str, object]) -> bool:
    """Step: the brake of a place, whatever it is, and who is in its live rooms is told; gives whether there is such a one."""
    if place_id is not None and _put(Board, columns, Board.id == place_id, Board.group_id == scope.group_id):
        return True
    of_room = (Room.id == place_id, Room.group_id == scope.group_id)
    found = _put(Group, columns, Group.id == scope.group_id) if place_id is None else _put(Room, columns, *of_room)
    if found:
        room_rules.note_brake(scope.group_id, place_id)
    return found


def _put(model: Place, columns: dict[str, object], *where: ColumnElement[bool]) -> bool:
    change = update(model).where(*where).values(**columns).returning(model.id)
    return here().execute(change.execution_options(synchronize_session=False)).first() is not None


def when(moment: datetime, zone: str) -> str:
    """A time to come as people of the group say it: today at 19:00, tomorrow at 09:30, Monday 3 May at 10:00."""
    there, today = moment.astimezone(ZoneInfo(zone)), clock.now().astimezone(ZoneInfo(zone)).date()
    at = str(format_time(there, "HH:mm", rebase=False))
    if there.date() == today:
        return _("today at %(time)s", time=at)
    if there.date() == today + timedelta(days=1):
        return _("tomorrow at %(time)s", time=at)
    return _("%(day)s at %(time)s", day=format_date(there.date(), "EEEE d MMMM"), time=at)


def sentences(brake: BrakeOn | None, zone: str) -> list[str]:
    """What members are told where a brake is on; nothing where none is."""
    if brake is None:
        return []
    until = when(brake.until, zone)
    if brake.stops:
        said = _("The team has stopped new posts here. This ends by itself: %(until)s.", until=until)
    else:
        said = _("Every new post here waits for a person for now. This ends by itself: %(until)s.", until=until)
    return [said, _("You can read, write to the team and get help as always.")]
