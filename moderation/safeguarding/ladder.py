"""Who is called at which step, and after how long: the first half of the table of times, pure.

The numbers are judgement for groups of volunteers, to be ratified by each organisation (docs/safeguarding-leads.md). A concern
keeps those that held when it was raised.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from forum.groups.duty import Turn

#: Steps outside the ladder have numbers that no ladder reaches.
BESIDE = 1_000_000


class Whom(enum.StrEnum):
    """Whom a step calls. Those a concern must not reach are left out when the step runs, and not before."""

    LIST = "list"  #: nobody yet: it stands in the list
    ON_CALL = "on_call"  #: the facilitators on the group's table now
    CO = "co"  #: its other facilitators
    TIER_FIRST = "tier_first"  #: the officer on duty, else the lead
    TIER_SECOND = "tier_second"  #: the other leads and deputies
    EVERYONE = "everyone"  #: all of these, and the independent contact


@dataclass(frozen=True)
class Step:
    """:param minutes: after the first step. :param staffed: only minutes in which somebody is on duty count."""

    minutes: int
    whom: tuple[Whom, ...]
    staffed: bool = False


@dataclass(frozen=True)
class Ladder:
    """All steps, and then the last one again and again. :param urgent: no call waits for the answer to another."""

    steps: tuple[Step, ...]
    repeat_minutes: int
    urgent: bool = False

    def whom(self, step: int) -> tuple[Whom, ...]:
        """:param step: 1 is the first; there is no last."""
        return self.steps[min(step, len(self.steps)) - 1].whom

    def wait(self, step: int) -> timedelta:
        """How long after a step the next one follows if nobody answers."""
        if step >= len(self.steps):
            return timedelta(minutes=self.repeat_minutes)
        return timedelta(minutes=self.steps[step].minutes - self.steps[step - 1].minutes)

    def next_at(self, step: int, now: datetime, turns: Sequence[Turn]) -> datetime:
        """When the next step follows. :param turns: when somebody looks after the group, for steps that wait for that."""
        following = self.steps[step] if step < len(self.steps) else None
        if following is None or not following.staffed:
            return now + self.wait(step)
        return _staffed_end(now, self.wait(step), turns)


#: What waits for staffed time waits no longer than this: a group without turns is no reason to forget somebody.
LONGEST_WAIT = timedelta(hours=4)


def _staffed_end(now: datetime, wait: timedelta, turns: Sequence[Turn]) -> datetime:
    left = wait
    for turn in turns:
        begins = max(now, turn.starts)
        if turn.ends <= begins:
            continue
        if begins + left <= turn.ends:
            return min(begins + left, now + LONGEST_WAIT)
        left -= turn.ends - begins
    return now + LONGEST_WAIT


#: By level: design of the table of times, first half.
LADDERS: Mapping[str, Ladder] = {
    "immediate": Ladder(
        (
            Step(0, (Whom.ON_CALL, Whom.TIER_FIRST)),
            Step(3, (Whom.CO,)),
            Step(6, (Whom.TIER_SECOND,)),
            Step(9, (Whom.EVERYONE,)),
        ),
        repeat_minutes=5,
        urgent=True,
    ),
    "high": Ladder(
        (
            Step(0, (Whom.ON_CALL,)),
            Step(10, (Whom.CO,)),
            Step(20, (Whom.TIER_FIRST,)),
            Step(30, (Whom.TIER_SECOND,)),
            Step(45, (Whom.EVERYONE,)),
        ),
        repeat_minutes=15,
    ),
    "medium": Ladder(
        (
            Step(0, (Whom.ON_CALL,)),
            Step(120, (Whom.CO,), staffed=True),
            Step(240, (Whom.TIER_FIRST,)),
            Step(480, (Whom.TIER_SECOND,)),
            Step(1_440, (Whom.EVERYONE,)),
        ),
        repeat_minutes=240,
    ),
    "low": Ladder(
        (
            Step(0, (Whom.LIST,)),
            Step(1_440, (Whom.CO,)),
            Step(2_880, (Whom.TIER_FIRST, Whom.TIER_SECOND)),
            Step(7_200, (Whom.EVERYONE,)),
        ),
        repeat_minutes=1_440,
    ),
}


def of_level(level: str) -> Ladder:
    """The ladder of a level; an unassessed concern is as serious as a high one."""
    return LADDERS.get(level, LADDERS["high"])


def as_policy(level: str) -> dict[str, Any]:
    """A level's ladder as a concern keeps it."""
    ladder = of_level(level)
    steps = [[one.minutes, [whom.value for whom in one.whom], one.staffed] for one in ladder.steps]
    return {"steps": steps, "repeat": ladder.repeat_minutes}


def of_policy(policy: Mapping[str, Any], level: str) -> Ladder:
    """The ladder that a concern kept, else the one of its level."""
    kept = policy.get("steps")
    if not kept:
        return of_level(level)
    steps = tuple(Step(one[0], tuple(Whom(whom) for whom in one[1]), len(one) > 2 and bool(one[2])) for one in kept)
    return Ladder(steps, int(policy["repeat"]), urgent=level == "immediate")
