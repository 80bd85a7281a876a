"""S18: an act with weight needs a code of the second step within ten minutes; a stolen sign-in alone does none of them."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from forum.accounts import second_factor, totp
from forum.base import clock
from forum.base.db import row
from forum.base.idents import write_ident
from forum.models import Organisation, Role
from tests.world import GroupHere, Person, World, text_of

NEW_GROUP = {"address": "quiet-harbour", "name": "A new group", "benefits": "You are not alone.", "who_for": "Anyone."}


@dataclass
class Place:
    """Who could do all of it, and where."""

    world: World
    group: GroupHere
    facilitator: Person
    other: Person
    admin: Person
    ref: str = field(default="")


@pytest.fixture
def place(world: World) -> Place:
    group = world.group("Harbour Trust")
    facilitator, other = world.person(group, Role.FACILITATOR), world.person(group, Role.MODERATOR)
    admin = world.admin()
    with world.app.app_context():
        found = row(select(Organisation.id).where(Organisation.name == "Harbour Trust"))
    assert found
    return Place(world, group, facilitator, other, admin, write_ident(found.id))


Form = Callable[[Place], dict[str, str]]
Where = Callable[[Place], str]


@dataclass(frozen=True)
class Act:
    """One act with weight."""

    by_admin: bool
    path: Where
    form: Form = lambda _place: {}
    done: int = 303


def _of_group(page: str) -> Where:
    return lambda place: f"/g/{place.group.address}{page}"


def _new_group(place: Place) -> dict[str, str]:
    return NEW_GROUP | {"organisation": place.ref}


def _door(_place: Place) -> dict[str, str]:
    return {"door": "request", "listing": "unlisted", "confirm": "yes"}


def _end_role(place: Place) -> str:
    return f"/g/{place.group.address}/people/{write_ident(place.other.persona_id)}/end-role"


#: Giving and ending roles, organisations and groups, who may come in, a second factor, the sign-ins of others.
ACTS: dict[str, Act] = {
    "admin.make_organisation": Act(
        True, lambda _p: "/admin/organisations/new", lambda _p: {"name": "New Trust", "nation": "wales"}
    ),
    "admin.make_group": Act(True, lambda _p: "/admin/groups/new", _new_group),
    "floors.save": Act(
        True, lambda p: f"/admin/organisations/{p.ref}/floor", lambda _p: {"links": "none", "sure": "yes"}
    ),
    "admin.invite_facilitator": Act(True, lambda p: f"/admin/groups/{p.group.address}/facilitator", done=200),
    "admin.end_sessions": Act(True, lambda _p: "/admin/end-sessions"),
    "doors.set_door": Act(False, _of_group("/door"), _door),
    "people.make_link": Act(False, _of_group("/people/links"), lambda _p: {"role": "moderator"}, done=200),
    "people.end_role": Act(False, _end_role, lambda _p: {"why": "asked"}),
    "reviewers.add": Act(
        True, lambda _p: "/admin/reviewers", lambda p: {"organisation": p.ref, "name": "Priya, trustee"}
    ),
    "staff.begin_second_step": Act(False, lambda _p: "/second-step"),
}


@pytest.fixture(params=ACTS)
def act(request: pytest.FixtureRequest) -> Act:
    return ACTS[request.param]


def doer(place: Place, act: Act) -> Person:
    """Who may do it, with a second step and no code given for eleven minutes."""
    person = place.admin if act.by_admin else place.facilitator
    if not act.by_admin:
        place.world.second_step(person)
    place.world.moment.go(minutes=11)
    return person


def test_sec_s18_without_a_code_nothing_with_weight_is_done(place: Place, act: Act) -> None:
    person = doer(place, act)
    answer = person.send(act.path(place), act.form(place))
    assert answer.status_code == 403
    assert "Nothing was changed yet" in text_of(answer)
    assert person.get("/devices").status_code == 200


def test_sec_s18_a_code_of_eleven_minutes_ago_is_none(place: Place, act: Act) -> None:
    person = doer(place, act)
    place.world.step_up(person)
    place.world.moment.go(minutes=10)
    assert person.send(act.path(place), act.form(place)).status_code == 403


def test_sec_s18_with_a_code_it_is_done(place: Place, act: Act) -> None:
    """Twin of both above."""
    person = doer(place, act)
    place.world.step_up(person)
    place.world.moment.go(minutes=9)
    answer = person.send(act.path(place), act.form(place))
    assert answer.status_code == act.done, text_of(answer)


def test_sec_s18_with_the_code_in_the_kept_form_it_is_done_once(place: Place, act: Act) -> None:
    person = doer(place, act)
    form = act.form(place) | {"step_up_code": code_of(place.world, person)}
    answer = person.send(act.path(place), form)
    assert answer.status_code == act.done, text_of(answer)


def code_of(world: World, person: Person) -> str:
    with world.app.app_context():
        factor = second_factor.find_factor(person.account_id or b"")
    assert factor
    return totp.code_at(factor.secret, clock.now())


def test_sec_s18_a_code_that_was_used_opens_nothing(place: Place) -> None:
    act = ACTS["doors.set_door"]
    person = doer(place, act)
    code = code_of(place.world, person)
    assert person.send(act.path(place), act.form(place) | {"step_up_code": code}).status_code == 303
    other = place.world.signed_in_again(person)
    answer = other.send(act.path(place), act.form(place) | {"step_up_code": code})
    assert answer.status_code == 403


def test_t8_who_has_no_second_step_is_told_to_set_one_up(place: Place) -> None:
    answer = place.facilitator.send(f"/g/{place.group.address}/door", _door(place))
    assert answer.status_code == 403
    assert "Set up my second step" in text_of(answer)


def test_sec_s18_every_call_of_the_rule_is_on_the_list() -> None:
    """A new act with weight joins the list above, or this fails."""
    asked = {
        f"{path.stem}.{function.name}"
        for folder in ("forum", "moderation")
        for path in Path(folder).rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef) and _asks(function)
    }
    assert asked == {
        "admins.make_organisation",
        "admins.make_group",
        "admins.invite_facilitator",
        "staff.end_staff_sessions",
        "doors.set_door",
        "floors.set_floor",
        "roles.make_link",
        "roles.end_role",
        "removals.decide_as_facilitator",  # tests/moderation/test_people.py
        "removals.decide_as_admin",
        "reviewers._require_admin",  # and tests/moderation/test_appeals.py
        "vouching._check",  # tests/forum/groups/test_vouching.py
        "second_factor.begin",
        "setup.open_group",  # its own tests: tests/forum/groups/test_setup.py
        "opening.ask",  # its own tests: tests/moderation/safeguarding/test_opening.py
        "opening.agree",
        "opening.open_details",
        "export.take",  # tests/moderation/safeguarding/test_export.py
        "deletion.propose",  # tests/moderation/safeguarding/test_keeping.py
        "deletion.agree",
        "key_views.make_own",  # tests/moderation/safeguarding/test_sealed_pages.py
        "key_views.make",
        "key_views.share",
        "key_views.change",
        "key_views.make_half",
        "officers.require_admin",  # its own tests: tests/moderation/safeguarding/test_officers.py
        "officers.agree",
        "officers.end",
        "resets.agree",
        "resets.finish",
        "settings.choose",
        "choosing.choose_times",  # tests/moderation/safeguarding/test_choosing.py
        "choosing.choose_years",
    }


def _asks(function: ast.FunctionDef) -> bool:
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    names = (f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "") for f in calls)
    return "require_step_up" in names
