"""Who is called when about what is less urgent, and that nobody made the times of the design longer by the way."""

from datetime import timedelta

import pytest

from forum.models import OfficerRole, Role
from moderation.safeguarding import policy, ticking
from moderation.safeguarding.models import Level
from moderation.safeguarding.sending import Message
from tests.moderation.safeguarding.test_calls import called, raised, reachable, sent
from tests.safeguarding import arm
from tests.world import Moves, World

__all__ = ["sent"]
HOUR, DAY = 60, 24 * 60
#: safeguarding.md §3.2: minutes until the decision, the lapse, that the person is spoken with, the review.
PROMISED = {
    Level.IMMEDIATE: (10, 15, 10, 4 * HOUR),
    Level.HIGH: (30, 60, 60, DAY),
    Level.UNASSESSED: (30, 60, 60, DAY),
    Level.MEDIUM: (DAY, 8 * HOUR, DAY, 7 * DAY),
    Level.LOW: (3 * DAY, 3 * DAY, 5 * DAY, 14 * DAY),
}
#: And when each step calls, with what it is repeated after.
STEPS = {
    Level.IMMEDIATE: ([0, 3, 6, 9], 5),
    Level.HIGH: ([0, 10, 20, 30, 45], 15),
    Level.UNASSESSED: ([0, 10, 20, 30, 45], 15),
    Level.MEDIUM: ([0, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY], 4 * HOUR),
    Level.LOW: ([0, DAY, 2 * DAY, 5 * DAY], DAY),
}


@pytest.mark.parametrize("level", list(Level))
def test_what_nobody_changed_is_what_the_design_promises(level: Level) -> None:
    numbers = policy.first()[level.value]
    assert tuple(numbers[name] for name in ("triage", "lapse", "spoken", "review")) == PROMISED[level]
    assert ([step[0] for step in numbers["steps"]], numbers["repeat"]) == STEPS[level]


def walked(world: World, moment: Moves, level: Level, hours: int) -> tuple[dict[int, float], dict[int, set[str]]]:
    """A concern that nobody takes: after how many hours each step called, and whom."""
    group = world.group()
    world.on_duty(group, 0, "00:00", "12:00")
    first = world.person(group, Role.FACILITATOR)
    tier = arm(world, group)
    names = {ident: role.value for role, ident in tier.ids.items()}
    with world.app.app_context():
        names[reachable(first)] = "facilitator"
        case, began = raised(group, level=level), moment.at
        at: dict[int, float] = {}
        for _quarter in range(hours * 4):
            ticking.tick()
            for step, _who in called(case):
                at.setdefault(step, (moment.at - began) / timedelta(hours=1))
            moment.go(minutes=15)
        who: dict[int, set[str]] = {}
        for step, ident in called(case):
            who.setdefault(step, set()).add(names[ident])
    return at, who


LEAD, DEPUTY, INDEPENDENT = (one.value for one in (OfficerRole.LEAD, OfficerRole.DEPUTY, OfficerRole.INDEPENDENT))
EVERYBODY = {"facilitator", LEAD, DEPUTY, INDEPENDENT}


def test_sg4_a_medium_concern_climbs_in_hours_and_then_repeats(
    world: World, sent: list[Message], moment: Moves
) -> None:
    at, who = walked(world, moment, Level.MEDIUM, 34)
    assert who[1] == {"facilitator"}
    assert 2 not in who, "the group has nobody else: the next step followed at once"
    assert (who[3], who[4], who[5], who[6]) == ({LEAD}, {DEPUTY}, EVERYBODY, EVERYBODY)
    assert at[1] == 0
    assert 2 <= at[3] <= 4, "two hours in which somebody is on duty, and no later than with a second facilitator"
    assert (at[4] - at[3], at[5] - at[4], at[6] - at[5]) == (4, 16, 4)


def test_sg4_a_low_concern_waits_for_a_day_and_is_never_forgotten(
    world: World, sent: list[Message], moment: Moves
) -> None:
    at, who = walked(world, moment, Level.LOW, 24 * 8)
    assert 1 not in who, "it stands in the list, and nobody is called"
    assert (who[3], who[4], who[5]) == ({LEAD, DEPUTY}, EVERYBODY, EVERYBODY)
    assert 24 <= at[3] <= 48
    assert at[4] - at[3] == 72
    assert at[5] - at[4] == 24
