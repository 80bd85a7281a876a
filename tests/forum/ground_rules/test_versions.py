"""C1: one version holds at every instant. What is agreed holds from its time on, and nobody is asked twice for nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from forum.base import clock, jobs
from forum.base.db import rows
from forum.base.transaction import transaction
from forum.ground_rules import usecases, versions
from forum.ground_rules.patches import Rule
from forum.models import Charter, CharterVersion, Persona, VersionStatus
from forum.policy import terms
from tests.world import GroupHere, World

NEW = Rule("phones", "Phones away", "Put your phone away when you listen.", origin="own")


@pytest.fixture
def group(world: World, inside: Flask) -> GroupHere:
    return world.group()


def adopt(group: GroupHere, rules: Sequence[Rule], *, is_material: bool = True, hours: int = 48) -> bytes:
    with transaction():
        versions.lock(group.scope.group_id)
        tip = versions.get_tip(group.scope.group_id)
        at = clock.now() + timedelta(hours=hours)
        return versions.adopt(group.scope, tip.id, rules, "Something changes.", is_material, None, at)


def bring(group: GroupHere, version: bytes) -> bytes:
    with transaction():
        return versions.bring_into_force(group.scope, version)


def now_of(group: GroupHere) -> versions.Version:
    return versions.get_in_force(group.scope.group_id)


def agreed_to(persona: bytes) -> bytes:
    return bytes(rows(select(Persona.agreed_version_id).where(Persona.id == persona))[0][0])


def holding(group: GroupHere) -> list[bytes]:
    """What is marked as holding: it has to be the one that the charter names."""
    marked = (VersionStatus.PROVISIONAL, VersionStatus.IN_FORCE)
    wanted = select(CharterVersion.id).where(CharterVersion.group_id == group.scope.group_id)
    return [r.id for r in rows(wanted.where(CharterVersion.status.in_(marked)))]


def test_the_starter_set_has_the_hash_that_its_text_has_here(group: GroupHere) -> None:
    first = now_of(group)
    assert versions.text_sha256(first.rules) == first.text_sha256
    assert first.text_sha256 == versions.text_sha256(usecases.starter_clauses())


def test_c1_a_version_holds_from_its_time_on_and_the_one_before_no_more(group: GroupHere, world: World) -> None:
    first = now_of(group)
    made = adopt(group, (*first.rules, NEW))
    world.moment.go(hours=47, minutes=59)
    jobs.run_due()
    assert (now_of(group).id, holding(group)) == (first.id, [first.id])
    world.moment.go(minutes=1)
    jobs.run_due()
    assert (now_of(group).id, holding(group)) == (made, [made])
    assert now_of(group).rules == (*first.rules, NEW)
    assert [one.status for one in versions.list_all(group.scope.group_id)] == [
        VersionStatus.IN_FORCE,
        VersionStatus.SUPERSEDED,
    ]


def test_c1_bringing_into_force_twice_is_as_once(group: GroupHere) -> None:
    made = adopt(group, (*now_of(group).rules, NEW))
    assert [bring(group, made), bring(group, made)] == [made, made]
    assert holding(group) == [made]
    later = adopt(group, now_of(group).rules[1:])
    bring(group, later)
    assert bring(group, made) == later  # an old version never comes back by an old job
    assert holding(group) == [later]


def test_c1_a_version_of_another_group_does_not_hold_here(group: GroupHere, world: World) -> None:
    other = world.group()
    made, before = adopt(other, now_of(other).rules[1:]), now_of(group).id
    assert bring(group, made) == before
    assert holding(group) == [before]


def test_two_agreed_within_two_days_both_hold_in_their_order(group: GroupHere, world: World) -> None:
    first = now_of(group)
    adopt(group, (*first.rules, NEW))
    world.moment.go(hours=1)
    softer = replace(NEW, body="Put your phone away, if you can.")
    second = adopt(group, (*first.rules, softer))
    world.moment.go(hours=100)
    jobs.run_due()
    assert (now_of(group).id, now_of(group).rules[-1]) == (second, softer)
    assert holding(group) == [second]


def test_what_was_agreed_is_carried_over_to_what_came_between(group: GroupHere, world: World) -> None:
    first = now_of(group)
    pending = adopt(group, (*first.rules, NEW))
    urgent = Rule("urgent", "No new names", "Please share no new names this week.", origin=terms.EMERGENCY)
    with transaction():
        versions.lock(group.scope.group_id)
        until = clock.now() + timedelta(days=14)
        made = versions.adopt(
            group.scope, first.id, (*first.rules, urgent), "For safety.", True, None, clock.now(), until
        )
        versions.bring_into_force(group.scope, made)
    assert bring(group, pending) == made  # it was made for rules that hold no more
    world.moment.go(hours=48)
    jobs.run_due()
    assert [one.uid for one in now_of(group).rules[len(first.rules) :]] == ["phones", "urgent"]
    assert now_of(group).until_at == until
    assert len(holding(group)) == 1


def test_a_material_change_waits_a_week_for_people_and_an_editorial_one_asks_nobody(
    group: GroupHere, world: World
) -> None:
    wren, first = world.person(group), now_of(group)
    spelt = replace(first.rules[2], body=first.rules[2].body.strip() + " Thank you.")
    bring(group, adopt(group, [*first.rules[:2], spelt, *first.rules[3:]], is_material=False))
    assert agreed_to(wren.persona_id) == now_of(group).id
    assert rows(select(Charter.grace_until).where(Charter.group_id == group.scope.group_id))[0][0] is None
    before = now_of(group)
    bring(group, adopt(group, (*before.rules, NEW)))
    assert agreed_to(wren.persona_id) == before.id
    grace = rows(select(Charter.grace_until).where(Charter.group_id == group.scope.group_id))[0][0]
    assert grace == clock.now() + versions.GRACE


def test_an_editorial_change_carries_nobody_who_never_agreed_to_its_base(group: GroupHere, world: World) -> None:
    wren, first = world.person(group), now_of(group)
    bring(group, adopt(group, (*first.rules, NEW)))
    moved = now_of(group)
    bring(group, adopt(group, (NEW, *moved.rules[:-1]), is_material=False))
    assert agreed_to(wren.persona_id) == first.id


def test_who_agreed_to_the_same_words_and_settings_is_not_asked_again(group: GroupHere, world: World) -> None:
    wren, first = world.person(group), now_of(group)
    bring(group, adopt(group, (*first.rules, NEW)))
    bring(group, adopt(group, first.rules))
    assert agreed_to(wren.persona_id) == now_of(group).id
    links = next(one for one in first.rules if one.binding_key == "links")
    looser = [replace(one, binding_value="open") if one is links else one for one in first.rules]
    back = now_of(group).id
    bring(group, adopt(group, looser))
    assert now_of(group).text_sha256 == first.text_sha256
    assert agreed_to(wren.persona_id) == back  # the words are the same, and what the program does is not


def test_versions_and_clauses_stay_as_they_were(group: GroupHere) -> None:
    first = now_of(group)
    bring(group, adopt(group, first.rules[1:]))
    again = versions.get(first.id)
    assert (again.rules, again.text_sha256, again.status) == (
        first.rules,
        first.text_sha256,
        VersionStatus.SUPERSEDED,
    )


def test_a_review_is_due_by_the_date_alone(group: GroupHere, world: World) -> None:
    assert not now_of(group).review_is_due
    world.moment.go(days=14)
    assert now_of(group).review_is_due
