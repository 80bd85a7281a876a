"""The clocks of a concern: several may run, and the earliest is the one that is armed. Pure, but for `hasten`."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from forum.base import clock
from forum.base.errors import NotFound
from moderation.safeguarding import cases, machine, policy
from moderation.safeguarding.cases import Case
from moderation.safeguarding.machine import Transition
from moderation.safeguarding.models import Level, State, Timer

Clocks = Mapping[Timer, datetime]
#: What an organisation's table says in minutes, by clock.
IN_TABLE = {
    Timer.LAPSE: "lapse",
    Timer.TRIAGE: "triage",
    Timer.SPOKEN: "spoken",
    Timer.REVIEW: "review",
    Timer.OFFER: "offer",
    Timer.NOBODY_LEFT: "repeat",
}
#: A machine's clock wanders by as much without having jumped.
WANDERING = timedelta(seconds=5)


def columns(clocks: Clocks, now: datetime) -> dict[str, Any]:
    """The columns of a concern in which these clocks run; none run when it has ended."""
    first = min(clocks, key=lambda name: (clocks[name], name)) if clocks else None
    return {
        "clocks": json.dumps({name.value: at.isoformat() for name, at in sorted(clocks.items())}),
        "timer": first,
        "due_at": clocks[first] if first else None,
        "armed_at": now if first else None,
    }


def fresh(timer: Timer, numbers: Mapping[str, Any], now: datetime) -> datetime:
    """When a clock falls due that starts now. :param numbers: the times of the concern's level."""
    if timer in IN_TABLE:
        return now + timedelta(minutes=numbers[IN_TABLE[timer]])
    return {
        Timer.PAGE: now,
        Timer.FOLLOW_UP: policy.working_days_after(now, policy.FOLLOW_UP_WORKING_DAYS),
        Timer.CONFIRM: now + policy.CONFIRM,
        Timer.SIGHT: now + policy.SIGHT,
        Timer.EMERGENCY_RECORD: now + policy.EMERGENCY_RECORD,
    }[timer]


def after(
    running: Clocks, way: Transition, target: State, numbers: Mapping[str, Any], now: datetime, given: Clocks
) -> dict[Timer, datetime]:
    """What runs once somebody went a way.

    :param target: the state then. :param given: clocks whose end somebody said, such as the day of the next contact.
    """
    may_run = (*machine.MUST[target], *machine.MAY[target])
    stopped = machine.stopping(running.keys(), target)
    clocks = {name: at for name, at in running.items() if name not in stopped}
    for name in (*way.arms, *machine.MUST[target]):
        if name in may_run and (name in way.arms or name not in clocks):
            clocks[name] = fresh(name, numbers, now)
    return clocks | {name: at for name, at in given.items() if name in may_run}


def without(clocks: Clocks, *ended: Timer) -> dict[Timer, datetime]:
    """The clocks that are left when some end."""
    return {name: at for name, at in clocks.items() if name not in ended}


def renewed(case: Case, now: datetime) -> dict[Timer, datetime]:
    """After an act of whoever has it: time begins anew, and what was put further away by a plan stays there."""
    clocks = dict(case.clocks)
    for name in (Timer.LAPSE, Timer.REVIEW):
        if name in clocks:
            clocks[name] = max(clocks[name], fresh(name, case.numbers, now))
    return clocks


def for_level(case: Case, level: Level, now: datetime) -> dict[Timer, datetime]:
    """After another assessment: nothing falls due later than it would have, nor than the new level lets it (SG19)."""
    numbers = case.policy[level.value]
    return {name: min(at, fresh(name, numbers, now)) if name in IN_TABLE else at for name, at in case.clocks.items()}


def shifted(case: Case, now: datetime) -> dict[Timer, datetime] | None:
    """The clocks as they should run if this machine's time was put back since they were set; None if it was not.

    Without this a clock set an hour too late would call nobody for that hour.
    """
    if case.armed_at is None or case.armed_at <= now + WANDERING:
        return None
    return {name: at - (case.armed_at - now) for name, at in case.clocks.items()}


def hasten(concern_id: bytes, gen: int, step: int) -> bool:
    """Step: the next call is due now, since none of this step reached anybody; False if that was over already.

    :param gen: and `step`: those of the calls that failed.
    """
    try:
        case = cases.lock(concern_id)
    except NotFound:
        return False
    if case.state is not State.RAISED or (case.gen, case.step) != (gen, step):
        return False
    now = clock.now()
    cases.change(case, **columns({**case.clocks, Timer.PAGE: now}, now))
    return True
