"""Setting a group up (A1): what is left is seen, it opens after all of it, and until then it does not exist outside."""

from datetime import datetime

import pytest
from sqlalchemy import select

from forum.accounts import second_factor, totp
from forum.base import clock
from forum.base.db import row
from forum.base.errors import NotAllowed, NotFound
from forum.groups import setup
from forum.models import Group, Role
from tests.security.scene import plain
from tests.world import GroupHere, Person, World, text_of

STEPS = ("card", "boards", "rules", "duty", "crisis", "second", "code")


@pytest.fixture
def group(world: World) -> GroupHere:
    """A group that nobody has set up yet."""
    return world.group(opened=False)


def done(world: World, person: Person) -> dict[str, bool]:
    assert person.group
    with world.app.app_context():
        return {t.step: t.done for t in setup.list_tasks(person.actor, person.group.scope)}


def give_code(world: World, person: Person) -> dict[str, str]:
    """A second step for somebody, and a form with a code of it."""
    assert person.account_id
    with world.app.app_context():
        if not second_factor.has_factor(person.account_id):
            world.second_step(person)
        factor = second_factor.find_factor(person.account_id)
        assert factor
        world.moment.go(seconds=31)
        return {"step_up_code": totp.code_at(factor.secret, clock.now())}


def finish(world: World, group: GroupHere, person: Person) -> None:
    """Do everything on the list."""
    world.configure(group, facilitators="Two of us.", hours="Most evenings.")
    world.on_duty(group, 0, "19:00", "21:00")
    world.person(group, Role.MODERATOR)
    for step in setup.BY_WORD:
        assert person.send(f"/g/{group.address}/setup/{step}").status_code == 303
    world.second_step(person)


def test_a1_each_task_is_seen_when_it_is_done(world: World, group: GroupHere) -> None:
    facilitator = world.person(group, Role.FACILITATOR)
    assert done(world, facilitator) == {step: step == "boards" for step in STEPS}
    finish(world, group, facilitator)
    assert done(world, facilitator) == dict.fromkeys(STEPS, True)


def test_a1_every_task_says_why(world: World, group: GroupHere) -> None:
    facilitator = world.person(group, Role.FACILITATOR)
    page = text_of(facilitator.get(f"/g/{group.address}/setup"))
    for why in (
        "People decide by it",
        "where to begin",
        "acts by them",
        "never promise",
        "wrong number",
        "ill or away",
    ):
        assert why in page
    assert page.count("To do") == 6
    assert "Open the group" not in page


@pytest.mark.parametrize("missing", ["facilitators", "duty", "rules", "second"])
def test_a1_the_group_does_not_open_before_all_is_done(world: World, group: GroupHere, missing: str) -> None:
    facilitator = world.person(group, Role.FACILITATOR)
    world.configure(group, facilitators="" if missing == "facilitators" else "Two of us.", hours="Most evenings.")
    if missing != "duty":
        world.on_duty(group, 0, "19:00", "21:00")
    if missing != "second":
        world.person(group, Role.MODERATOR)
    for step in [s for s in setup.BY_WORD if s != missing]:
        facilitator.send(f"/g/{group.address}/setup/{step}")
    answer = facilitator.send(f"/g/{group.address}/open", give_code(world, facilitator))
    assert answer.status_code == 403
    assert "still to do" in text_of(answer)
    assert not opened(world, group)


def opened(world: World, group: GroupHere) -> bool:
    with world.app.app_context():
        return setup.find_opened(group.scope.group_id)


def test_a1_it_opens_after_all_of_it_and_a_code(world: World, group: GroupHere) -> None:
    facilitator = world.person(group, Role.FACILITATOR)
    finish(world, group, facilitator)
    assert facilitator.send(f"/g/{group.address}/open").status_code == 403
    assert not opened(world, group)
    assert facilitator.send(f"/g/{group.address}/open", give_code(world, facilitator)).status_code == 303
    assert opened(world, group)
    assert "Your group is open" in text_of(facilitator.get(f"/g/{group.address}/setup"))
    assert world.visitor().get(f"/g/{group.address}").status_code == 200


def test_a1_before_it_opens_outsiders_get_the_answer_of_no_group(world: World, group: GroupHere) -> None:
    facilitator, stranger, visitor = world.person(group, Role.FACILITATOR), world.person(world.group()), world.visitor()
    for person in (stranger, visitor):
        for page in ("", "/rules", "/name", "/write", "/setup"):
            here, nowhere = f"/g/{group.address}{page}", f"/g/never-existed{page}"
            answer, ghost = person.get(here), person.get(nowhere)
            assert answer.status_code == ghost.status_code, page
            assert plain(answer, here) == plain(ghost, nowhere), page
        assert group.address not in person.get("/").get_data(as_text=True)
        assert group.address not in person.get("/groups").get_data(as_text=True)
    for page in ("", "/rules", "/setup"):
        assert facilitator.get(f"/g/{group.address}{page}").status_code == 200
    assert group.address in facilitator.get("/").get_data(as_text=True)


def test_only_facilitators_do_it(world: World, group: GroupHere) -> None:
    moderator, member = world.person(group, Role.MODERATOR), world.person(group)
    with world.app.app_context():
        assert setup.list_tasks(moderator.actor, group.scope)
        with pytest.raises(NotAllowed):
            setup.confirm(moderator.actor, group.scope, "rules")
        with pytest.raises(NotFound):
            setup.list_tasks(member.actor, group.scope)


def test_it_is_kept_to_the_hour_and_opening_twice_changes_nothing(world: World, group: GroupHere) -> None:
    facilitator = world.person(group, Role.FACILITATOR)
    finish(world, group, facilitator)
    facilitator.send(f"/g/{group.address}/open", give_code(world, facilitator))
    first = when(world, group)
    assert first.minute == first.second == 0
    world.moment.go(hours=3)
    assert facilitator.send(f"/g/{group.address}/open", give_code(world, facilitator)).status_code == 303
    assert when(world, group) == first


def when(world: World, group: GroupHere) -> datetime:
    with world.app.app_context():
        found = row(select(Group.opened_at).where(Group.id == group.scope.group_id))
    assert found
    at: datetime = found.opened_at
    return at
