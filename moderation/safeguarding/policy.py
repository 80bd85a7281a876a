"""How long each thing may take, by level: the second half of the table of times, and what an organisation may change.

The numbers are judgement for groups of volunteers, to be ratified by each organisation (docs/safeguarding-leads.md). Each
may be changed within bounds only, and never so that danger to life waits longer.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from forum.base.db import row
from forum.base.errors import Invalid
from forum.base.transaction import here
from forum.base.words import _
from moderation.safeguarding import bank_holidays, ladder
from moderation.safeguarding.models import Level, SafeguardingPolicy

HOUR, DAY = 60, 24 * 60

#: Minutes until each is due. `triage`, `spoken`: after somebody took it; `lapse`, `review`: after their last act.
TIMES: Mapping[Level, Mapping[str, int]] = {
    Level.IMMEDIATE: {"triage": 10, "lapse": 15, "spoken": 10, "review": 4 * HOUR, "offer": 15},
    Level.HIGH: {"triage": 30, "lapse": HOUR, "spoken": HOUR, "review": DAY, "offer": 15},
    Level.UNASSESSED: {"triage": 30, "lapse": HOUR, "spoken": HOUR, "review": DAY, "offer": 15},
    Level.MEDIUM: {"triage": DAY, "lapse": 8 * HOUR, "spoken": DAY, "review": 7 * DAY, "offer": 4 * HOUR},
    Level.LOW: {"triage": 3 * DAY, "lapse": 3 * DAY, "spoken": 5 * DAY, "review": 14 * DAY, "offer": DAY},
}
#: The same for every level: a colleague must have seen a first "low", who called must be written down, a close confirmed.
SIGHT, EMERGENCY_RECORD, CONFIRM = timedelta(hours=24), timedelta(hours=2), timedelta(days=2)
#: "Did they receive it?"
FOLLOW_UP_WORKING_DAYS = 2
#: Nobody is watched from afar for longer without somebody asking how they are.
LONGEST_MONITORING = timedelta(days=30)
#: An organisation may halve a time, or make it this much longer. What is immediate only gets shorter.
SHORTER, LONGER = 2, {Level.IMMEDIATE: 1.0, Level.HIGH: 1.5, Level.UNASSESSED: 1.5, Level.MEDIUM: 2.0, Level.LOW: 2.0}


def first() -> dict[str, Any]:
    """Ours, for every level: what nobody changed."""
    return {level.value: ladder.as_policy(level.value) | dict(TIMES[level]) for level in Level}


def of_organisation(organisation_id: bytes) -> dict[str, Any]:
    """The times that a concern raised now keeps until its end."""
    chosen = chosen_by(organisation_id)
    return {level: _with(numbers, chosen.get(level, {})) for level, numbers in first().items()}


def chosen_by(organisation_id: bytes) -> dict[str, dict[str, int]]:
    """What an organisation chose instead of ours, by level; with how long records are kept (`keeping`)."""
    wanted = select(SafeguardingPolicy.numbers).where(SafeguardingPolicy.organisation_id == organisation_id)
    found = row(wanted)
    return dict(json.loads(found.numbers)) if found else {}


def _with(numbers: Mapping[str, Any], chosen: Mapping[str, int]) -> dict[str, Any]:
    """Our times with what was chosen instead; whom a step calls is never anybody's choice."""
    steps = [[chosen.get(step_name(n), step[0]), *step[1:]] for n, step in enumerate(numbers["steps"], start=1)]
    return {**numbers, **{name: at for name, at in chosen.items() if name in numbers}, "steps": steps}


def step_name(n: int) -> str:
    """What the n-th step of calling is known by; the first one is at once and has no time to choose."""
    return f"step_{n}"


def as_text(numbers: Mapping[str, Any]) -> str:
    """The times as a concern's row keeps them."""
    return json.dumps(numbers)


def bounds(level: Level, name: str) -> tuple[int, int]:
    """The fewest and the most minutes that an organisation may choose. :param name: of `ours`."""
    mine = ours(level)[name]
    return max(1, mine // SHORTER), int(mine * LONGER[level])


def ours(level: Level) -> dict[str, int]:
    """Every time that can be chosen, in the order in which it comes, with what holds if nobody chooses."""
    return in_order(first()[level.value])


def in_order(numbers: Mapping[str, Any]) -> dict[str, int]:
    """The times of one level by name: when each later step calls, how often it is repeated, and until when what is due."""
    steps = {step_name(n): int(step[0]) for n, step in enumerate(numbers["steps"], start=1) if n > 1}
    return steps | {name: int(numbers[name]) for name in ("repeat", *TIMES[Level.HIGH])}


def require_bounds(level: Level, name: str, minutes: int) -> None:
    """Go on only if an organisation may choose this. :param name: of `ours`. :raises Invalid: no such time, or out of bounds."""
    if name not in ours(level):
        raise Invalid(_("There is no such time."), name)
    least, most = bounds(level, name)
    if not least <= minutes <= most:
        raise Invalid(_("Choose between %(least)s and %(most)s minutes.", least=least, most=most), name)


def require_order(organisation_id: bytes, level: Level) -> None:
    """Go on only if each step of calling comes after the one before it. :raises Invalid: with the step."""
    steps = of_organisation(organisation_id)[level.value]["steps"]
    for n in range(2, len(steps) + 1):
        if steps[n - 1][0] <= steps[n - 2][0]:
            raise Invalid(_("Each step must come later than the one before it."), step_name(n))


def change(organisation_id: bytes, part: str, numbers: Mapping[str, int]) -> None:
    """Step: keep these numbers instead of what was chosen before. The caller asks who may, and if they are within bounds.

    :param part: a level, or "keep".
    """
    wanted = select(SafeguardingPolicy.numbers).where(SafeguardingPolicy.organisation_id == organisation_id)
    found = here().execute(wanted.with_for_update()).first()
    chosen = json.loads(found.numbers) if found else {}
    chosen[part] = chosen.get(part, {}) | dict(numbers)
    values = {"numbers": json.dumps(chosen)}
    if found is None:
        here().execute(insert(SafeguardingPolicy).values(organisation_id=organisation_id, **values))
        return
    there = update(SafeguardingPolicy).where(SafeguardingPolicy.organisation_id == organisation_id)
    here().execute(there.values(values).execution_options(synchronize_session=False))


def working_days_after(moment: datetime, days: int, nation: str = "") -> datetime:
    """The same time of day, so many days later on which offices work. :param nation: whose bank holidays count."""
    while days:
        moment += timedelta(days=1)
        if moment.weekday() < 5 and not bank_holidays.is_holiday(nation, moment.date()):
            days -= 1
    return moment
