"""The team's list from memory is the list as it would be made now, for its own reader alone, or it is made anew."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from forum.base import clock, unchanged
from forum.base.transaction import here, transaction
from forum.models import Persona, Role
from moderation import leases, queue_quick
from moderation.models import CaseKind
from tests.forum.web.test_quick import both
from tests.forum.web.test_quick import quickly as quickly
from tests.moderation.test_queue import Watch
from tests.world import World, text_of

Quickly = list[str]


@pytest.fixture
def watch(world: World, inside: object) -> Iterator[Watch]:
    world.moment.go(seconds=7)  # every time on the page is to the minute: at its very turn nothing holds
    yield Watch(world)
    queue_quick.forget()


def test_m1_the_list_from_memory_is_the_list(watch: Watch, quickly: Quickly) -> None:
    watch.open(CaseKind.WELFARE)
    for path in (watch.page, f"{watch.page}?kind=welfare"):
        slow, fast, left_out = both(watch.owl, path, quickly)
        assert slow == fast
        assert left_out


def test_m1_what_is_opened_stands_on_it_at_once(watch: Watch, quickly: Quickly) -> None:
    for n in range(1, 4):
        watch.open()
        slow, fast, left_out = both(watch.owl, watch.page, quickly)
        assert left_out
        assert slow == fast
        assert f"{n} thing{'s wait' if n > 1 else ' waits'}." in fast.decode()


def test_m3_whoever_takes_one_is_named_at_once_and_not_a_minute_longer(watch: Watch) -> None:
    item = watch.open()
    watch.jay.get(watch.page)
    leases.claim(watch.owl.actor, item)
    assert "Owl looks at this. 10 minutes left." in text_of(watch.jay.get(watch.page))
    watch.world.moment.go(seconds=1)
    assert "Owl looks at this. 9 minutes left." in text_of(watch.jay.get(watch.page))
    watch.world.moment.go(minutes=9, seconds=58)
    assert "Owl looks at this. 0 minutes left." in text_of(watch.jay.get(watch.page))
    watch.world.moment.go(seconds=1)
    assert "Owl looks at this" not in text_of(watch.jay.get(watch.page))


def test_the_minutes_until_it_is_due_go_on(watch: Watch, quickly: Quickly) -> None:
    watch.world.on_duty(watch.group, clock.now().weekday(), "00:00", "23:59")
    watch.open(CaseKind.WELFARE)
    said = []
    for _n in range(9):
        said += re.findall(r"Due in (\d+) minutes", text_of(watch.owl.get(watch.page)))
        watch.world.moment.go(seconds=20)
    assert said == ["14"] * 3 + ["13"] * 3 + ["12"] * 3
    assert len(quickly) == 6  # the first of each minute is made anew


def test_m14_nobody_gets_the_list_of_another(watch: Watch) -> None:
    watch.open(names=(watch.jay.persona_id,))
    for _again in range(2):
        assert "1 thing waits." in text_of(watch.owl.get(watch.page))
        assert "Nothing waits." in text_of(watch.jay.get(watch.page))
        assert watch.wren.get(watch.page).status_code == 404


def test_sec_s9_whose_role_or_session_ended_gets_nothing_from_memory(watch: Watch) -> None:
    watch.open()
    for _again in range(2):
        assert watch.owl.get(watch.page).status_code == watch.jay.get(watch.page).status_code == 200
    with transaction():
        here().execute(update(Persona).where(Persona.id == watch.owl.persona_id).values(role=Role.MEMBER))
    assert watch.owl.get(watch.page).status_code == 404
    assert watch.jay.get(watch.page).status_code == 200
    watch.world.moment.go(days=200)
    assert watch.jay.get(watch.page).status_code != 200


def test_anything_that_was_written_counts_as_a_change_and_reading_does_not(watch: Watch) -> None:
    watch.open()
    before = unchanged.as_of()
    watch.owl.get(f"/g/{watch.group.address}")
    assert unchanged.as_of() == before
    with transaction():
        here().execute(update(Persona).where(Persona.id == watch.owl.persona_id).values(name="Barn owl"))
    assert unchanged.as_of() != before
