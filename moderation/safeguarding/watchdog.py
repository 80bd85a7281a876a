"""Whether calls about concerns run late: asked from outside by whatever watches this machine, and shown red to the teams.

The machine's answer counts everything. A person's counts what exists for them: a red line about what is kept from somebody
would tell them that there is something.

It looks at the rows alone, so that it says the same when the engine stands still as when there is none.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.parts import in_parts
from moderation.safeguarding import cases, queries
from moderation.safeguarding.cases import Case
from moderation.safeguarding.models import Concern
from moderation.safeguarding.people_models import Call, CallState, ConcernPage, PageState
from moderation.safeguarding.responders import Responder

#: Later than this is too late: the shortest step waits three minutes.
LATE_S = 120
#: A page need not be red within the second; to ask for each page would cost each page.
ASK_EVERY_S = 10
#: Concerns in one question of the database.
AT_ONCE = 400

_known: tuple[datetime, float] | None = None


def overdue(now: datetime) -> float:
    """Seconds by which the latest thing is late: a step that nobody ran, or a call that nothing took.

    0 when nothing is late.
    """
    waits = [_put_off(now)]
    step = row(select(func.min(Concern.due_at).label("at")).where(Concern.due_at < now))
    call = row(select(func.min(Call.at).label("at")).where(_not_taken(now)))
    waits += [(now - found.at).total_seconds() for found in (step, call) if found is not None and found.at is not None]
    return max(waits)


def _not_taken(now: datetime) -> Any:
    return (Call.state == CallState.SENDING) & (Call.lease_until < now) | (Call.state == CallState.FAILED)


def _put_off(now: datetime) -> float:
    """The same for rows that could not be read and are tried again and again: nobody is called about them meanwhile."""
    damaged = rows(select(Concern.clocks).where(Concern.due_at.is_not(None), Concern.armed_at.is_(None)))
    return max((_late(found.clocks, now) for found in damaged), default=0.0)


def _late(clocks: str, now: datetime) -> float:
    try:
        return max((now - min(map(datetime.fromisoformat, json.loads(clocks).values()))).total_seconds(), 0.0)
    except (ValueError, TypeError, AttributeError):
        return LATE_S + 1.0


def is_late() -> bool:
    """Whether anything at all is late. Asked of the database every ten seconds at most; no page says it as it is."""
    global _known
    now = clock.now()
    if _known is None or not 0 <= (now - _known[0]).total_seconds() < ASK_EVERY_S:
        _known = now, overdue(now)
    return _known[1] > LATE_S


def overdue_for(hats: Sequence[Responder], now: datetime) -> float:
    """The same for one person, of what they may know of: nothing else changes a byte of their pages.

    :param hats: in every role in which they answer. :returns: 0 when nothing is late, as for somebody who answers nowhere.
    """
    found = [(case, _late_since(case, now)) for case in cases.list_by(Concern.due_at.is_not(None), _is_behind(now))]
    found += _in_late_calls(now)
    seen = {case.id for me in hats for case in queries.visible(me, [case for case, _at in found])}
    return max(((now - at).total_seconds() for case, at in found if case.id in seen), default=0.0)


def _is_behind(now: datetime) -> Any:
    return (Concern.due_at < now) | Concern.armed_at.is_(None)


def _late_since(case: Case, now: datetime) -> datetime:
    """When its earliest clock ran out; a row that was put off keeps its clocks."""
    return min([*case.clocks.values(), case.due_at or now])


def _in_late_calls(now: datetime) -> list[tuple[Case, datetime]]:
    """What calls were about that nothing took."""
    wanted = select(ConcernPage.concern_id, Call.at).join(Call, Call.id == ConcernPage.call_id).where(_not_taken(now))
    since: dict[bytes, datetime] = {}
    for r in rows(wanted.where(ConcernPage.state != PageState.OVER)):
        since[r.concern_id] = min(since.get(r.concern_id, r.at), r.at)
    found = [case for part in in_parts(sorted(since), AT_ONCE) for case in cases.list_by(Concern.id.in_(part))]
    return [(case, since[case.id]) for case in found]


def forget() -> None:
    """Ask anew (another database)."""
    global _known
    _known = None
