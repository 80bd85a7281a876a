"""S22, T5: no role of one organisation is one in another: pages, links, decisions, and what the command line says."""

import pytest
from flask import Flask
from sqlalchemy import select

from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.idents import write_ident
from forum.models import Group, Persona, Role
from moderation import roles
from tests.security.scene import Scene, address_of, form_for, scene_of
from tests.world import Person, World

pytestmark = pytest.mark.pages

#: Routes under a group's address that anybody may ask, as the table of who gets what has it.
FOR_ANYBODY = {
    "conversations.show_group",
    "groups.show_names",
    "groups.offer_names",
    "ground_rules.show_rules",
    "ground_rules.begin",
    "ground_rules.pick_name",
    "ground_rules.join",
    "cards.show_examples",
    "cards.show_inside",
    "cards.show_readers",
    "cards.show_paper",
    "reports.show_group_report",  # who sees a group's card may tell its organisation about it
    "reports.report_group",
    "concern_doors.need_help",  # whoever asks for help or worries is heard, as somebody without a group: test_unlisted
    "concern_doors.show_worried_in_group",
    "concern_doors.worried_in_group",
}


@pytest.fixture
def scene(world: World) -> Scene:
    """Two organisations, each with a facilitator, a moderator and an admin who gave a code a moment ago."""
    scene = scene_of(world)
    for name, group in (("our", scene.ours), ("their", scene.strangers)):
        for role in (Role.FACILITATOR, Role.MODERATOR):
            scene.people[f"{name} {role}"] = world.person(group, role, f"{name.title()} {role.value.title()[:4]} Otter")
        scene.people[f"{name} admin"] = world.admin(group.scope.organisation_id)
    for who in ("our facilitator", "their facilitator"):
        world.second_step(scene.people[who])
        world.step_up(scene.people[who])
    return scene


def snapshot(world: World) -> list[tuple[object, ...]]:
    """Whatever a role could change of a group and its people."""
    with world.app.app_context():
        people = rows(select(Persona.id, Persona.role, Persona.standing).order_by(Persona.id))
        groups = rows(select(Group.id, Group.door, Group.listing, Group.opened_at, Group.name).order_by(Group.id))
    return [tuple(r) for r in (*people, *groups)]


@pytest.mark.parametrize("who", ["their facilitator", "their moderator", "their admin", "our admin"])
def test_sec_s22_no_role_elsewhere_opens_a_page_of_a_group(scene: Scene, who: str) -> None:
    """An admin is a member of nothing, also of the groups of their own organisation."""
    person, heron = scene.people[who], scene.people["heron"]
    before, asked = snapshot(scene.world), 0
    for rule in scene.world.app.url_map.iter_rules():
        if "address" not in rule.arguments or rule.endpoint in FOR_ANYBODY:
            continue
        if who == "our admin" and rule.rule.startswith("/admin/"):
            continue  # what an admin does for a group from outside it: tests/forum/ground_rules/test_admins.py
        rest = {n: heron.persona_id if n == "persona_id" else bytes(16) for n in rule.arguments if n.endswith("_id")}
        rest |= {n: "crisis" for n in rule.arguments if n not in rest}
        path = address_of(scene, rule.endpoint, rest | {"address": scene.ours.address})
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            form = form_for(scene, rule.endpoint)
            answer = person.get(path) if method == "GET" else person.send(path, form)
            assert answer.status_code == 404, (who, method, path)
            asked += 1
    assert asked > 30
    assert snapshot(scene.world) == before


def test_the_same_pages_open_for_the_groups_own(scene: Scene) -> None:
    """Twin: with the same set-up, those whose group it is get in."""
    base = f"/g/{scene.ours.address}"
    facilitator, moderator = scene.people["our facilitator"], scene.people["our moderator"]
    for page in ("/people", "/door", "/invitations", f"/people/{write_ident(scene.people['heron'].persona_id)}"):
        assert facilitator.get(base + page).status_code == 200, page
    assert moderator.get(base + "/door").status_code == 200
    assert facilitator.send(base + "/people/links", {"role": "moderator"}).status_code == 200


def test_sec_s22_an_admin_decides_for_their_own_organisation_alone(scene: Scene) -> None:
    heron, facilitator = scene.people["heron"], scene.people["our facilitator"]
    propose = f"/g/{scene.ours.address}/people/{write_ident(heron.persona_id)}/propose"
    form = {"words": "You wrote to people at night.", "clause": "be-kind"}
    assert facilitator.send(propose, form).status_code == 303
    form = {"group": write_ident(scene.ours.scope.group_id), "ref": write_ident(heron.persona_id), "choice": "agree"}
    assert "Heron" not in scene.people["their admin"].get("/removals").get_data(as_text=True)
    assert scene.people["their admin"].send("/removals", form).status_code == 404
    # Their own group's name with our person's id is no way around.
    crossed = form | {"group": write_ident(scene.strangers.scope.group_id)}
    assert scene.people["their admin"].send("/removals", crossed).status_code == 409
    assert "Heron" in scene.people["our admin"].get("/removals").get_data(as_text=True)


def test_sec_s22_a_role_link_of_one_organisation_gives_nothing_in_another(scene: Scene, inside: Flask) -> None:
    theirs, member = scene.people["their facilitator"], scene.people["heron"]
    with scene.world.app.test_request_context():
        page = theirs.send(f"/g/{scene.strangers.address}/people/links", {"role": "facilitator"})
    secret = page.get_data(as_text=True).split("/role/")[1].split("<")[0].split('"')[0]
    with pytest.raises(NotFound):
        roles.accept_role(member.actor, secret)
    assert role_of(member) is Role.MEMBER


def role_of(person: Person) -> Role:
    found = row(select(Persona.role).where(Persona.id == person.persona_id))
    assert found
    return Role(found.role)


# --- The command line ---


def flask(scene: Scene, *args: str) -> str:
    return str(scene.world.app.test_cli_runner().invoke(args=list(args)).output)


def test_sec_s22_the_command_line_lists_one_organisation_without_the_other(scene: Scene) -> None:
    said = flask(scene, "group", "list", "--organisation", "Harbour Trust", "--people")
    for ours in (scene.ours.address, scene.neighbours.address, "Our Faci Otter", "Our Mode Otter"):
        assert ours in said
    for theirs in (scene.strangers.address, "Lantern", "Their Faci Otter", "Their Mode Otter"):
        assert theirs not in said
    assert "Heron" not in said, "members are on no list"
    everything = flask(scene, "group", "list", "--people")
    assert scene.ours.address in everything
    assert "Their Faci Otter" in everything


def test_sec_s22_the_command_line_gives_no_role_across(scene: Scene, inside: Flask) -> None:
    heron = scene.people["heron"]
    args = ("group", "role", scene.ours.address, "Heron", "moderator", "--organisation")
    assert "There is no group" in flask(scene, *args, "Lantern Trust")
    assert role_of(heron) is Role.MEMBER
    assert "Heron is moderator" in flask(scene, *args, "Harbour Trust")
    assert role_of(heron) is Role.MODERATOR
    assert "Nobody goes by that name" in flask(scene, "group", "role", scene.strangers.address, "Heron", "moderator")
