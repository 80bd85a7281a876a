"""How often the team acted, month by month, for every member of a group whose rules ask for that.

Whole months that are over, and no number under five: a count that grew by one would tell of somebody.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select

from forum.base import clock
from forum.base.db import rows
from forum.base.errors import NotFound
from forum.base.keyring import Scope
from forum.policy import terms
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from moderation.models import Decision
from moderation.outcomes import COLUMNS, OUTCOMES
from moderation.small_numbers import shown

KEY = "mod.transparency"
#: Half a year: as long as somebody can disagree with what was decided.
MONTHS = 6


def is_told(group_id: bytes) -> bool:
    """Whether the group's rules, or its organisation, ask for it."""
    return terms.of_group(group_id).values[KEY] == "monthly counts"


def get_months(actor: Actor, scope: Scope, zone: str) -> Mapping[date, Mapping[str, int | None]]:
    """By the first day of a month how often the team left words, asked for milder ones, put them away, or kept somebody
    from posting; None for fewer than five. The latest month first.

    :raises NotFound: no member, or the group's rules do not ask for it.
    """
    if actor.membership_in(scope.group_id) is None or not is_told(scope.group_id):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    local = ZoneInfo(zone)
    months = _months_before(clock.now().astimezone(local).date())
    found = rows(
        select(Decision.choice, Decision.decided_at).where(
            Decision.group_id == scope.group_id,
            Decision.choice.in_(list(OUTCOMES)),
            Decision.reverts_id.is_(None),
            Decision.decided_at >= _begins(months[-1], local),
        )
    )
    counted = Counter((r.decided_at.astimezone(local).date().replace(day=1), OUTCOMES[r.choice]) for r in found)
    return shown({month: {column: counted[month, column] for column in COLUMNS} for month in months})


def _begins(month: date, local: ZoneInfo) -> datetime:
    return datetime.combine(month, time(), local)


def _months_before(today: date) -> list[date]:
    """The months that are over, the latest first."""
    count = today.year * 12 + today.month - 1
    return [date((count - n) // 12, (count - n) % 12 + 1, 1) for n in range(1, MONTHS + 1)]
