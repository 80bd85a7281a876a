"""How the list is doing: what is late, how soon somebody looks, what is open, where the duty times have gaps.

Numbers of the work, never of one moderator. What names the reader is in none of them, as on every other page.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from forum.base import clock
from forum.base.db import rows
from forum.base.keyring import Scope
from forum.groups import rota
from forum.groups.rota import Day
from forum.models import Role
from forum.policy.actor import Actor
from forum.policy.permissions import may_look_after, require
from moderation import exposure, leases, sight
from moderation.models import CaseItem, CaseKind, Decision
from moderation.small_numbers import LEAST, total

#: A group with more open has no need of a picture to see it.
MOST_LOOKED = 2_000
WEEKS = 8
#: What leaders may know of how hard the work was: the last four weeks, all together.
HARD_DAYS = 28
_COLUMNS = (*sight.COLUMNS, CaseItem.due_at, CaseItem.opened_hour, CaseItem.looked_at, CaseItem.intensity)


@dataclass(frozen=True)
class Kind:
    """What waits of one kind, and how much of it is late."""

    kind: CaseKind
    waiting: int
    late: int


@dataclass(frozen=True)
class Week:
    """First looks at what came in one week, from its Monday on.

    :param hours: the median of hours until then, None for too few to say. :param in_time: of `looks` as promised.
    """

    monday: date
    looks: int
    hours: float | None
    in_time: int


@dataclass(frozen=True)
class Health:
    """What the page shows.

    :param oldest: since when the oldest thing that nobody looks at waits. :param appeals: open ones.
    :param hard: heavy ones that the team ended lately, for facilitators and only if there were enough of both.
    """

    kinds: Sequence[Kind]
    oldest: datetime | None
    weeks: Sequence[Week]
    appeals: int
    days: Sequence[Day]
    hard: int | None

    @property
    def late(self) -> int:
        """How much is late in all."""
        return sum(kind.late for kind in self.kinds)

    @property
    def waiting(self) -> int:
        """How much waits in all."""
        return sum(kind.waiting for kind in self.kinds)


def get_health(actor: Actor, scope: Scope, zone: str) -> Health:
    """How the list of a group is doing. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    leads = actor.memberships[scope.group_id].role is Role.FACILITATOR
    waiting = _seen(actor, scope, CaseItem.decided.is_(False))
    free = [item.opened_hour for item in waiting if not leases.is_live(item.claimed_by, item.lease_until)]
    disagree = (CaseKind.APPEAL, CaseKind.COMPLAINT)
    return Health(
        kinds=_kinds(waiting),
        oldest=min(free, default=None),
        weeks=_weeks(actor, scope, ZoneInfo(zone)),
        appeals=sum(item.kind in disagree for item in waiting),
        days=rota.get_rota(actor, scope, zone).days,
        hard=_hard(actor, scope) if leads else None,
    )


def _seen(actor: Actor, scope: Scope, *which: Any) -> list[Row]:
    """Items that exist for this reader."""
    here = (CaseItem.group_id == scope.group_id, CaseItem.outside_id.is_(None), *which)
    found = rows(select(*_COLUMNS).where(*here).order_by(CaseItem.due_at.desc()).limit(MOST_LOOKED))
    hidden = sight.hidden(actor, scope, found)
    return [item for item in found if item.id not in hidden]


def _kinds(waiting: Sequence[Row]) -> list[Kind]:
    now = clock.now()
    counted = Counter(item.kind for item in waiting)
    late = Counter(item.kind for item in waiting if item.due_at < now)
    return [Kind(kind, counted[kind], late[kind]) for kind in CaseKind if counted[kind]]


def _weeks(actor: Actor, scope: Scope, zone: ZoneInfo) -> list[Week]:
    """By the week in which things came in; the newest last. What nobody looked at is in no median: it is late above."""
    today = clock.now().astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    since = datetime.combine(mondays[0], datetime.min.time(), zone)
    looked = _seen(actor, scope, CaseItem.opened_hour >= since, CaseItem.looked_at.is_not(None))
    return [_week(one, [item for item in looked if _is_of(item, one, zone)]) for one in mondays]


def _is_of(item: Row, monday: date, zone: ZoneInfo) -> bool:
    return monday <= item.opened_hour.astimezone(zone).date() < monday + timedelta(weeks=1)


def _week(monday: date, looked: Sequence[Row]) -> Week:
    hours = [(item.looked_at - item.opened_hour).total_seconds() / 3600 for item in looked]
    in_time = sum(item.looked_at <= item.due_at for item in looked)
    return Week(monday, len(looked), round(median(hours), 1) if len(hours) >= LEAST else None, in_time)


def _hard(actor: Actor, scope: Scope) -> int | None:
    """Heavy ones that the team ended in the last weeks: of at least five people, or it would be about one of them."""
    since = clock.now() - timedelta(days=HARD_DAYS)
    ended = (Decision.group_id == scope.group_id, Decision.decided_at >= since)
    heavy = (CaseItem.intensity == exposure.HEAVY) | CaseItem.kind.in_(_HEAVY_KINDS)
    wanted = select(*sight.COLUMNS, Decision.decided_by).join(CaseItem, CaseItem.id == Decision.item_id)
    found = rows(wanted.where(*ended, heavy).limit(MOST_LOOKED))
    hidden = sight.hidden(actor, scope, found)
    seen = {item.id: item.decided_by for item in found if item.id not in hidden}
    return total(len(seen), len(set(seen.values())))


_HEAVY_KINDS = [kind for kind, weight in exposure.BY_KIND.items() if weight >= exposure.HEAVY]
