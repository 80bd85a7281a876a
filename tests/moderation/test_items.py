"""Opening items: once for each thing, due when the table says, and sooner for nobody's crowd."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.transaction import here, transaction
from moderation import items, not_for
from moderation.models import CaseItem, CaseKind, Source, Target
from tests.world import GroupHere, World

ABOUT = b"somebody" * 2


def opened(group: GroupHere, kind: CaseKind, source: Source = Source.MEMBER, about: bytes | int = ABOUT) -> bytes:
    with transaction():
        return items.open_item(group.scope, kind, about=about, target=Target.PERSON, source=source)


def left(item_id: bytes) -> timedelta:
    found = row(select(CaseItem.due_at).where(CaseItem.id == item_id))
    assert found
    return found.due_at - clock.now().replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    ("kind", "minutes"),
    [
        (CaseKind.WELFARE, 15),
        (CaseKind.PRIVACY, 30),
        (CaseKind.LIVE, 2),
        (CaseKind.REPORT, 240),
        (CaseKind.ILLEGAL, 60),
        (CaseKind.APPEAL, 3 * 24 * 60),
        (CaseKind.COMPLAINT, 3 * 24 * 60),
        (CaseKind.SELF, 24 * 60),
    ],
)
def test_while_somebody_is_here(world: World, inside: object, kind: CaseKind, minutes: int) -> None:
    group = world.group()
    world.on_duty(group, clock.now().weekday(), "00:00", "23:59")
    assert left(opened(group, kind)) == timedelta(minutes=minutes)


def test_while_nobody_is_here(world: World, inside: object) -> None:
    """A worry does not wait for the evening; a report does."""
    group = world.group()
    world.on_duty(group, 0, "19:00", "21:00")
    seven = clock.now().replace(hour=19, minute=0, second=0, microsecond=0)
    until = seven - clock.now().replace(second=0, microsecond=0)
    assert left(opened(group, CaseKind.WELFARE)) == timedelta(minutes=30)
    assert left(opened(group, CaseKind.PRIVACY)) == timedelta(hours=4)
    assert left(opened(group, CaseKind.REPORT)) == until + timedelta(hours=4)


def test_without_duty_times_nothing_hides_behind_a_day_that_never_comes(world: World, inside: object) -> None:
    group = world.group()
    assert left(opened(group, CaseKind.REPORT)) == timedelta(hours=4)


def test_every_kind_has_a_promise() -> None:
    assert set(items.PROMISES) == set(CaseKind)


def test_the_same_thing_is_one_item_until_it_is_decided(world: World, inside: object) -> None:
    group = world.group()
    first = opened(group, CaseKind.REPORT)
    assert opened(group, CaseKind.REPORT) == first
    assert opened(group, CaseKind.PRIVACY) != first
    with transaction():
        here().get_one(CaseItem, first).decided = True
    again = opened(group, CaseKind.REPORT)
    assert again != first
    assert sorted(r.round for r in rows(select(CaseItem.round).where(CaseItem.kind == CaseKind.REPORT))) == [0, 1]


def test_what_is_kept_from_one_of_the_team_takes_nothing_else_with_it(world: World, inside: object) -> None:
    group = world.group()
    first = opened(group, CaseKind.PRIVACY)
    with transaction():
        not_for.keep_alone(group.scope, first)
    assert opened(group, CaseKind.PRIVACY, Source.DETECTOR) != first


def test_what_opens_with_the_words_does_not_tell_the_minute(world: World, inside: object) -> None:
    group = world.group()
    post = world.topic(world.person(group))
    world.moment.go(minutes=7)
    found = row(select(CaseItem.post_id).limit(1))
    assert post
    hold = opened(group, CaseKind.HOLD, Source.RULE, about=found.post_id if found else 1)
    worry = opened(group, CaseKind.WELFARE, Source.DETECTOR)
    due = {r.id: r.due_at for r in rows(select(CaseItem.id, CaseItem.due_at))}
    assert due[hold].minute == 0
    assert due[worry].minute % 15 == 0


def test_a_second_person_halves_the_time_that_is_left(world: World, inside: object) -> None:
    group = world.group()
    item = opened(group, CaseKind.REPORT)
    with transaction():
        items.pull_forward(item)
    assert left(item) == timedelta(hours=2)
    world.moment.go(hours=9)
    late = left(item)
    with transaction():
        items.pull_forward(item)
    assert left(item) == late
