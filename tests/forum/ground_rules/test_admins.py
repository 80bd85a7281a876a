"""Admins make organisations and groups, and see no person and no word in them."""

import re

import pytest
from sqlalchemy import select

from forum.accounts import second_factor, staff, totp
from forum.base import clock
from forum.base.db import row
from forum.base.idents import write_ident
from forum.ground_rules import queries as rules_queries
from forum.groups import usecases as groups
from forum.models import Group, Organisation, Role
from tests.world import Person, World, answers_for, text_of

GROUP = {
    "address": "quiet-harbour",
    "name": "A new group",
    "benefits": "You are not alone.",
    "who_for": "Anyone.",
    "boards": "Say hello\n\nHard nights",
}


def admin_of(world: World, organisation_id: bytes | None = None) -> Person:
    """An admin who is signed in with both steps, minutes ago."""
    person = world.admin(organisation_id)
    world.moment.go(minutes=11)
    return person


def stepped_up(world: World, organisation_id: bytes | None = None) -> Person:
    person = admin_of(world, organisation_id)
    world.step_up(person)
    return person


def organisation(world: World, name: str) -> str:
    with world.app.app_context():
        found = row(select(Organisation.id).where(Organisation.name == name))
    assert found
    return write_ident(found.id)


def test_an_admin_makes_an_organisation_and_a_group(world: World) -> None:
    admin = stepped_up(world)
    form = {"name": "Lantern Trust", "nation": "wales", "complaints": "Ring the office."}
    assert admin.send("/admin/organisations/new", form).status_code == 303
    chosen = {"organisation": organisation(world, "Lantern Trust")}
    assert admin.send("/admin/groups/new", GROUP | chosen).status_code == 303
    page = text_of(admin.get("/admin"))
    assert "Lantern Trust" in page
    assert "A new group" in page
    assert "setting it up" in page
    assert world.visitor().get("/g/quiet-harbour").status_code == 404


@pytest.mark.parametrize("path", ["/admin/organisations/new", "/admin/groups/new", "/admin/end-sessions"])
def test_sec_s18_an_act_with_weight_needs_a_code_of_the_last_ten_minutes(world: World, path: str) -> None:
    group = world.group("Harbour Trust")
    admin = admin_of(world)
    form = GROUP | {"organisation": organisation(world, "Harbour Trust"), "nation": "wales", "complaints": ""}
    asked = admin.send(path, form)
    assert asked.status_code == 403
    assert 'name="address" value="quiet-harbour"' in asked.get_data(as_text=True)
    world.step_up(admin)
    assert admin.send(path, form).status_code == 303
    assert group


def test_sec_s18_the_form_goes_on_with_the_code(world: World) -> None:
    world.group("Harbour Trust")
    admin = admin_of(world)
    with world.app.app_context():
        factor = second_factor.find_factor(admin.account_id or b"")
        assert factor
        code = totp.code_at(factor.secret, clock.now())
    form = GROUP | {"organisation": organisation(world, "Harbour Trust"), "step_up_code": code}
    assert admin.send("/admin/groups/new", form).status_code == 303


def test_sec_s22_an_admin_of_one_organisation_knows_nothing_of_another(world: World) -> None:
    ours, far = world.group("Harbour Trust"), world.group("Lantern Trust")
    admin = stepped_up(world, ours.scope.organisation_id)
    page = admin.get("/admin").get_data(as_text=True)
    assert "Harbour Trust" in page
    assert "Lantern" not in page
    assert far.address not in page
    form = GROUP | {"organisation": organisation(world, "Lantern Trust")}
    assert admin.send("/admin/groups/new", form).status_code == 404
    assert admin.send(f"/admin/groups/{far.address}/facilitator").status_code == 404
    assert admin.send("/admin/end-sessions", {"organisation": organisation(world, "Lantern Trust")}).status_code == 404
    assert admin.send("/admin/end-sessions").status_code == 404
    assert admin.send("/admin/organisations/new", {"name": "New", "nation": "wales"}).status_code == 404
    assert admin.get("/admin/organisations/new").status_code == 404
    assert (
        admin.send("/admin/groups/new", GROUP | {"organisation": organisation(world, "Harbour Trust")}).status_code
        == 303
    )


def test_t5_admin_pages_show_no_persona_and_no_words(world: World) -> None:
    group = world.group("Harbour Trust")
    member, facilitator = (
        world.person(group, name="Marsh Wren"),
        world.person(group, Role.FACILITATOR, name="Grey Heron"),
    )
    world.topic(member, "A secret title", "Secret words.")
    admin = stepped_up(world)
    for path in ("/admin", "/admin/groups/new", "/admin/organisations/new"):
        page = admin.get(path).get_data(as_text=True)
        for word in ("Marsh Wren", "Grey Heron", "secret", "Secret"):
            assert word not in page, path
    assert facilitator.persona_id.hex() not in admin.get("/admin").get_data(as_text=True)
    assert admin.get(f"/g/{group.address}/setup").status_code == 404
    assert admin.get(f"/g/{group.address}/settings").status_code == 404


def test_t8_the_kill_switch_signs_out_teams_and_the_admin(world: World) -> None:
    group = world.group("Harbour Trust")
    facilitator, member = world.person(group, Role.FACILITATOR), world.person(group)
    admin = stepped_up(world)
    assert admin.send("/admin/end-sessions").status_code == 303
    for person, status in ((facilitator, 401), (admin, 401), (member, 200)):
        assert person.get("/devices").status_code == status


@pytest.mark.parametrize(
    "wrong", [{"address": "Suicide Group"}, {"name": ""}, {"benefits": " "}, {"organisation": "x"}]
)
def test_a_wrong_form_is_refused_and_kept(world: World, wrong: dict[str, str]) -> None:
    world.group("Harbour Trust")
    admin = stepped_up(world)
    answer = admin.send("/admin/groups/new", GROUP | {"organisation": organisation(world, "Harbour Trust")} | wrong)
    assert answer.status_code == 422
    assert "Hard nights" in answer.get_data(as_text=True)


def test_an_address_that_is_taken_is_refused(world: World) -> None:
    group = world.group("Harbour Trust")
    admin = stepped_up(world)
    form = GROUP | {"organisation": organisation(world, "Harbour Trust"), "address": group.address}
    assert admin.send("/admin/groups/new", form).status_code == 409


def joined_by(world: World, link: str) -> Person:
    """Somebody who opens a link with a role and comes in by it."""
    person = world.visitor()
    assert person.get(link).status_code == 200
    assert person.send(f"{link}/come-in").status_code == 303
    with world.app.app_context():
        found = row(select(Group.id, Group.organisation_id).where(Group.address == "quiet-harbour"))
        assert found
        rules = rules_queries.find_rules(found.id)
        assert rules
        answers = {f"answer-{uid}": answer for uid, answer in answers_for(rules).items()}
    name = next(iter(groups_names(world, found.id)))
    answer = person.send("/g/quiet-harbour/join", {"name": name, "method": "self"} | answers)
    assert answer.status_code == 303, text_of(answer)
    assert person.send(link).status_code == 303
    return person


def groups_names(world: World, group_id: bytes) -> list[str]:
    with world.app.app_context():
        return groups.offer_names(group_id, 1)


def test_a1_from_nothing_to_a_facilitator_in_a_group_that_nobody_else_finds(world: World) -> None:
    admin = stepped_up(world)
    admin.send("/admin/organisations/new", {"name": "Lantern Trust", "nation": "wales", "complaints": "Ring us."})
    admin.send("/admin/groups/new", GROUP | {"organisation": organisation(world, "Lantern Trust")})
    page = admin.send("/admin/groups/quiet-harbour/facilitator").get_data(as_text=True)
    link = re.search(r"/role/[\w-]+", page)
    assert link
    facilitator = joined_by(world, link[0])
    assert "Set your group up" in text_of(facilitator.get("/g/quiet-harbour/setup"))
    assert world.visitor().get("/g/quiet-harbour").status_code == 404
    assert world.visitor().get(link[0]).status_code == 404


def test_the_command_line_makes_the_first_facilitators_link(world: World) -> None:
    admin = stepped_up(world)
    admin.send("/admin/organisations/new", {"name": "Lantern Trust", "nation": "wales", "complaints": "Ring us."})
    admin.send("/admin/groups/new", GROUP | {"organisation": organisation(world, "Lantern Trust")})
    said = world.app.test_cli_runner().invoke(args=["group", "facilitator", "quiet-harbour"]).output
    link = re.search(r"/role/\S+", said)
    assert link
    assert joined_by(world, link[0]).get("/g/quiet-harbour/boards").status_code == 200


# --- The command line ---


def test_sec_s20_the_first_admin_comes_from_the_command_line(world: World) -> None:
    runner = world.app.test_cli_runner()
    said = runner.invoke(args=["admin", "create"]).output
    link = re.search(r"/staff/\S+", said)
    assert link
    assert "24 hours" in said
    assert world.visitor().get(link[0]).status_code == 200
    assert "password" not in said


def test_an_admin_is_listed_without_a_name_and_ended(world: World) -> None:
    admin = admin_of(world)
    runner = world.app.test_cli_runner()
    line = runner.invoke(args=["admin", "list"]).output.strip()
    assert "whole site" in line
    assert "second factor" in line
    assert runner.invoke(args=["admin", "end", line.split()[0]]).exit_code == 0
    assert admin.get("/devices").status_code == 401
    assert admin.get("/admin").status_code in (401, 404)
    assert runner.invoke(args=["admin", "end", line.split()[0]]).exit_code == 1


def test_the_command_line_makes_a_whole_group(world: World) -> None:
    said = world.app.test_cli_runner().invoke(
        args=[
            *("group", "create", "--organisation", "Lantern Trust", "--nation", "wales", "--address", "quiet-harbour"),
            *(
                "--name",
                "A new group",
                "--benefits",
                "You are not alone.",
                "--who-for",
                "Anyone.",
                "--hours",
                "Evenings.",
            ),
            *("--facilitators", "Two of us.", "--expect", "Kind words.", "--door", "request", "--listing", "unlisted"),
            *("--board", "Say hello"),
        ]
    )
    assert said.exit_code == 0, said.output
    with world.app.app_context():
        found = row(
            select(Group.door, Group.listing, Group.opened_at, Group.hours).where(Group.address == "quiet-harbour")
        )
    assert found
    assert (found.door.value, found.listing.value, found.opened_at, found.hours) == (
        "request",
        "unlisted",
        None,
        "Evenings.",
    )


def test_the_command_line_refuses_an_address_that_tells(world: World) -> None:
    said = world.app.test_cli_runner().invoke(
        args=[
            *("group", "create", "--organisation", "Lantern Trust", "--address", "Bad Address", "--name", "A"),
            *("--benefits", "B", "--who-for", "C", "--board", "D"),
        ]
    )
    assert said.exit_code == 1
    assert "two neutral words" in said.output


def test_sec_s20_nobody_is_an_admin_before_a_link_was_opened(world: World) -> None:
    with world.app.app_context():
        staff.invite()
        assert staff.list_staff() == []
