"""Brakes: when a board or the whole group gets out of hand, one tap holds or stops all new posts, for a day at most.

Reading, the line to the team, reports and every page with help stay open. A brake ends by itself, or in one tap.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import format_date, format_time
from sqlalchemy import Row, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import Board, Brake, Group
from forum.policy import record
from forum.policy.actor import Actor
from forum.policy.holding import BrakeOn, brake_columns, brake_on
from forum.policy.permissions import Denial, may_look_after, require

#: What the page offers. After a day somebody looks again: a brake that nobody remembers closes a group.
HOURS, MOST_HOURS = (2, 8, 24), 24
MOST_WORDS = 200


@dataclass(frozen=True)
class Spot:
    """The group, or one board of it, with the brake that is on there itself.

    :param board_id: None for the whole group.
    """

    board_id: bytes | None
    name: str
    brake: BrakeOn | None


@dataclass(frozen=True)
class Pull:
    """How somebody wants to brake.

    :param hours: 1 to MOST_HOURS. :param words: at most MOST_WORDS characters, for members to read; may be empty.
    """

    kind: Brake
    hours: int = MOST_HOURS
    words: str = ""


def list_spots(actor: Actor, scope: Scope) -> list[Spot]:
    """Where a brake can be pulled: the group, then its boards in their order. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    of_group = select(Group.name, *brake_columns(Group)).where(Group.id == scope.group_id)
    in_use = (Board.group_id == scope.group_id, Board.retired_at.is_(None))
    of_boards = select(Board.id, Board.name, *brake_columns(Board)).where(*in_use).order_by(Board.ord, Board.name)
    group = row(of_group)
    assert group is not None
    return [Spot(None, group.name, _on(group)), *(Spot(b.id, b.name, _on(b)) for b in rows(of_boards))]


def _on(found: Row) -> BrakeOn | None:
    return brake_on(found.brake, found.brake_until, found.brake_words)


def find_on(group_id: bytes) -> BrakeOn | None:
    """The brake that is on in the whole group, for whoever was let in to it."""
    found = row(select(*brake_columns(Group)).where(Group.id == group_id))
    return _on(found) if found else None


def pull(actor: Actor, scope: Scope, board_id: bytes | None, wanted: Pull) -> None:
    """Put a board, or the whole group, on hold or stop new posts. Anybody of the team: whoever is awake need not ask.

    :raises NotFound: not of the team, or no such board. :raises Invalid: too long, in time or in words.
    """
    words = " ".join(wanted.words.split())
    if len(words) > MOST_WORDS:
        raise Invalid(_("Make this shorter: at most %(n)s letters.", n=MOST_WORDS), "words")
    if not 1 <= wanted.hours <= MOST_HOURS:
        raise Invalid(_("Choose how long: at most %(n)s hours.", n=MOST_HOURS), "hours")
    until = clock.now().replace(second=0, microsecond=0) + timedelta(hours=wanted.hours)
    code = f"{wanted.kind.value}:{wanted.hours}"
    _set(actor, scope, board_id, code, brake=wanted.kind, brake_until=until, brake_words=words)


def let_go(actor: Actor, scope: Scope, board_id: bytes | None) -> None:
    """Take a brake off, as easily as it was pulled. What waits already waits on for somebody to read it.

    :raises NotFound: not of the team, or no such board.
    """
    _set(actor, scope, board_id, "off", brake=None, brake_until=None, brake_words="")


def _set(actor: Actor, scope: Scope, board_id: bytes | None, code: str, **columns: object) -> None:
    require(may_look_after, actor, scope.group_id)
    me = actor.membership_in(scope.group_id)
    assert me is not None
    of_group = update(Group).where(Group.id == scope.group_id).values(**columns).returning(Group.id)
    of_board = update(Board).where(Board.id == board_id, Board.group_id == scope.group_id).values(**columns)
    changed = of_group if board_id is None else of_board.returning(Board.id)
    with transaction():
        if here().execute(changed.execution_options(synchronize_session=False)).first() is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        record.note("group.brake", me.persona_id, board_id or scope.group_id, code)


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
