"""People of a group, their roles by link, and removals that two people decide (T5, T12, S22)."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts import links
from forum.base.db import row, rows
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import transaction
from forum.models import Door, EndedFeed, LinkPurpose, Listing, Persona, Role, Standing
from moderation.models import AuditEntry
from tests.forum.groups.test_doors import comes_in
from tests.world import GroupHere, Person, World, conversation_url, text_of

WHY = "You wrote to people at night, and went on when we asked you to stop."


@pytest.fixture
def team(world: World) -> tuple[GroupHere, Person, Person]:
    """A group with two facilitators who gave a code lately."""
    group = world.group()
    both = world.person(group, Role.FACILITATOR), world.person(group, Role.FACILITATOR)
    for person in both:
        world.second_step(person)
        world.step_up(person)
    return group, *both


def here_of(group: GroupHere, person: Person, page: str = "") -> str:
    return f"/g/{group.address}/people/{write_ident(person.persona_id)}{page}"


def role_of(world: World, person: Person) -> Role:
    with world.app.app_context():
        found = row(select(Persona.role).where(Persona.id == person.persona_id))
    assert found
    return Role(found.role)


def link_from(giver: Person, group: GroupHere, role: str = "moderator") -> str:
    page = giver.send(f"/g/{group.address}/people/links", {"role": role})
    found = re.search(r"/role/[\w-]+", page.get_data(as_text=True))
    assert found, text_of(page)
    return found[0]


def actions(world: World) -> list[tuple[str, str]]:
    with world.app.app_context():
        return [(r.action, r.codes) for r in rows(select(AuditEntry.action, AuditEntry.codes).order_by(AuditEntry.n))]


# --- The page ---


def test_t5_the_page_shows_names_roles_and_standing_and_nothing_else(
    world: World, team: tuple[GroupHere, Person, Person]
) -> None:
    group, facilitator, _other = team
    member, far = world.person(group), world.person(world.group())
    world.topic(member, body="Words of mine.", masked=True)
    before = people_page(facilitator, group)
    world.moment.go(days=3)
    topic = world.topic(world.person(group, name="Marsh Harrier"), body="More.")
    world.reply(member, topic, "Masked again.", masked=True)
    member.get(conversation_url(topic))
    after = people_page(facilitator, group)
    assert line_of(before, member.name) == line_of(after, member.name), "neither words nor visits show"
    assert line_of(after, member.name) == f"{member.name} Member, new here, since November 2026"
    assert far.name not in after
    assert "Someone (" not in after


def people_page(person: Person, group: GroupHere) -> str:
    return person.get(f"/g/{group.address}/people").get_data(as_text=True)


def line_of(page: str, name: str) -> str:
    found = next(part for part in page.split("<li") if f"<bdi>{name}</bdi>" in part)
    plain = re.sub(r"<[^>]+>", " ", found.split(">", 1)[1].split("</li>")[0])
    return " ".join(plain.split()).replace(" ,", ",")


def test_people_of_other_groups_are_nobodys_business(world: World, team: tuple[GroupHere, Person, Person]) -> None:
    group, facilitator, _other = team
    far_group = world.group()
    far = world.person(far_group)
    assert facilitator.get(here_of(far_group, far)).status_code == 404
    assert facilitator.get(here_of(group, far)).status_code == 404
    for page, form in (
        ("let-in", {}),
        ("say-no", {"words": "no"}),
        ("end-role", {"why": "asked"}),
        ("propose", {"words": "x"}),
    ):
        assert facilitator.send(here_of(group, far, f"/{page}"), form).status_code in (404, 409), page
    assert role_of(world, far) is Role.MEMBER


# --- Roles ---


def test_a_role_is_given_by_a_link_once_and_audited(world: World, team: tuple[GroupHere, Person, Person]) -> None:
    group, facilitator, _other = team
    member, second = world.person(group), world.person(group)
    link = link_from(facilitator, group)
    assert role_of(world, member) is Role.MEMBER
    assert "You are asked to help" in text_of(member.get(link))
    assert member.send(link).status_code == 303
    assert role_of(world, member) is Role.MODERATOR
    assert second.send(link).status_code == 404
    assert role_of(world, second) is Role.MEMBER
    assert [a for a in actions(world) if a[0].startswith("role.")] == [
        ("role.link", "moderator"),
        ("role.accept", "moderator"),
    ]


def test_a_link_opens_nothing_for_strangers_after_a_day_or_when_its_giver_fell(
    world: World, team: tuple[GroupHere, Person, Person]
) -> None:
    group, facilitator, other = team
    far, member = world.person(world.group("Lantern Trust")), world.person(group)
    link, late = link_from(facilitator, group), link_from(facilitator, group)
    assert far.send(link).status_code == 404
    assert world.visitor().send(link).status_code == 404
    assert other.send(here_of(group, facilitator, "/end-role"), {"why": "asked"}).status_code == 303
    assert member.get(link).status_code == 404
    assert member.send(link).status_code == 404
    world.moment.go(hours=25)
    assert member.send(late).status_code == 404
    assert role_of(world, member) is Role.MEMBER
    assert role_of(world, far) is Role.MEMBER


def test_sec_s18_a_link_takes_a_code_given_lately(world: World) -> None:
    group = world.group()
    facilitator = world.person(group, Role.FACILITATOR)
    assert facilitator.send(f"/g/{group.address}/people/links", {"role": "moderator"}).status_code == 403
    world.second_step(facilitator)
    assert facilitator.send(f"/g/{group.address}/people/links", {"role": "moderator"}).status_code == 403
    world.step_up(facilitator)
    assert facilitator.send(f"/g/{group.address}/people/links", {"role": "moderator"}).status_code == 200
    world.moment.go(minutes=11)
    assert facilitator.send(f"/g/{group.address}/people/links", {"role": "moderator"}).status_code == 403


def test_who_is_offered_a_role_comes_into_a_group_that_is_still_being_set_up(world: World) -> None:
    group = world.group(opened=False)
    with world.app.app_context(), transaction():
        secret = links.make_link(
            LinkPurpose.ROLE,
            organisation_id=group.scope.organisation_id,
            group_id=group.scope.group_id,
            role=Role.FACILITATOR,
        )
    newcomer = world.visitor()
    assert newcomer.get(f"/g/{group.address}").status_code == 404
    assert "Come in first" in text_of(newcomer.get(f"/role/{secret}"))
    assert newcomer.send(f"/role/{secret}/come-in").status_code == 303
    assert comes_in(newcomer, group).endswith("/start")
    assert newcomer.send(f"/role/{secret}").status_code == 303
    assert newcomer.get(f"/g/{group.address}/people").status_code == 200


def test_a_role_ends_with_a_reason_and_hangs_up(world: World, team: tuple[GroupHere, Person, Person]) -> None:
    group, facilitator, _other = team
    moderator = world.person(group, Role.MODERATOR)
    assert facilitator.send(here_of(group, moderator, "/end-role"), {"why": "because"}).status_code == 422
    assert role_of(world, moderator) is Role.MODERATOR
    assert facilitator.send(here_of(group, moderator, "/end-role"), {"why": "break"}).status_code == 303
    assert role_of(world, moderator) is Role.MEMBER
    assert ("role.end", "break") in actions(world)
    with world.app.app_context():
        assert f"persona:{moderator.persona_id.hex()}" in {r.what for r in rows(select(EndedFeed.what))}
    assert facilitator.send(here_of(group, moderator, "/end-role"), {"why": "break"}).status_code == 404


def test_the_last_facilitator_stays_until_there_is_another(
    world: World, team: tuple[GroupHere, Person, Person]
) -> None:
    group, facilitator, other = team
    assert facilitator.send(here_of(group, facilitator, "/end-role"), {"why": "asked"}).status_code == 303
    assert other.send(here_of(group, other, "/end-role"), {"why": "asked"}).status_code == 403
    assert role_of(world, other) is Role.FACILITATOR


def test_two_facilitators_who_end_each_others_role_at_once_leave_one(
    world: World, team: tuple[GroupHere, Person, Person]
) -> None:
    group, one, two = team

    def end(pair: tuple[Person, Person]) -> int:
        return pair[0].send(here_of(group, pair[1], "/end-role"), {"why": "asked"}).status_code

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(end, [(one, two), (two, one)]))
    assert sorted([role_of(world, one), role_of(world, two)]) == [Role.FACILITATOR, Role.MEMBER]


# --- Removals ---


def test_sec_s24_a_removal_takes_two_people(world: World, team: tuple[GroupHere, Person, Person]) -> None:
    group, facilitator, other = team
    member = world.person(group)
    topic = world.topic(member)
    assert facilitator.send(here_of(group, member, "/propose"), {"words": "Why."}).status_code == 422
    assert facilitator.send(here_of(group, member, "/propose"), {"words": WHY, "clause": "be-kind"}).status_code == 303
    assert member.get(conversation_url(topic)).status_code == 200, "nothing happens yet"
    assert facilitator.send(here_of(group, member, "/decide"), {"choice": "agree"}).status_code == 403
    assert member.get(conversation_url(topic)).status_code == 200
    assert WHY in text_of(other.get(f"/g/{group.address}/people"))
    assert other.send(here_of(group, member, "/decide"), {"choice": "agree"}).status_code == 303
    assert member.get(conversation_url(topic)).status_code == 404
    assert other.send(here_of(group, member, "/decide"), {"choice": "agree"}).status_code == 409
    assert [a for a, _c in actions(world) if a.startswith("removal")] == ["removal.propose", "removal.agree"]
    with world.app.app_context():
        assert f"persona:{member.persona_id.hex()}" in {r.what for r in rows(select(EndedFeed.what))}


def test_a_proposal_that_is_declined_or_taken_back_changes_nothing(
    world: World, team: tuple[GroupHere, Person, Person]
) -> None:
    group, facilitator, other = team
    member = world.person(group)
    for decider in (other, facilitator):
        facilitator.send(here_of(group, member, "/propose"), {"words": WHY, "clause": "be-kind"})
        assert decider.send(here_of(group, member, "/decide"), {"choice": "decline"}).status_code == 303
    assert member.get(f"/b/{write_ident(group.board)}").status_code == 200


def test_nobody_proposes_or_decides_about_themselves(world: World, team: tuple[GroupHere, Person, Person]) -> None:
    group, facilitator, other = team
    assert (
        facilitator.send(here_of(group, facilitator, "/propose"), {"words": WHY, "clause": "be-kind"}).status_code
        == 403
    )
    facilitator.send(here_of(group, other, "/propose"), {"words": WHY, "clause": "be-kind"})
    for choice in ("agree", "decline"):
        assert other.send(here_of(group, other, "/decide"), {"choice": choice}).status_code == 403, choice


def test_an_admin_of_the_organisation_may_be_the_second_person_and_no_other(
    world: World, team: tuple[GroupHere, Person, Person], inside: Flask
) -> None:
    group, facilitator, _other = team
    far_group = world.group("Lantern Trust")
    member = world.person(group)
    facilitator.send(here_of(group, member, "/propose"), {"words": WHY, "clause": "be-kind"})
    ours, theirs = world.admin(group.scope.organisation_id), world.admin(far_group.scope.organisation_id)
    form = {"group": write_ident(group.scope.group_id), "ref": write_ident(member.persona_id), "choice": "agree"}
    assert member.name not in text_of(theirs.get("/removals"))
    assert theirs.send("/removals", form).status_code == 404
    assert facilitator.send("/removals", form).status_code == 404
    assert member.get(f"/b/{write_ident(group.board)}").status_code == 200
    assert "waits for a second person" not in text_of(theirs.get("/admin"))
    assert 'href="/removals"' in ours.get("/admin").text
    assert "1 question waits for a second person." in text_of(ours.get("/admin"))
    assert member.name in text_of(ours.get("/removals"))
    assert ours.send("/removals", form).status_code == 303
    assert "waits for a second person" not in text_of(ours.get("/admin"))
    assert member.get(f"/b/{write_ident(group.board)}").status_code == 404


def test_the_last_facilitator_is_not_removed(
    world: World, team: tuple[GroupHere, Person, Person], inside: Flask
) -> None:
    group, facilitator, other = team
    facilitator.send(here_of(group, other, "/propose"), {"words": WHY, "clause": "be-kind"})
    ours = world.admin(group.scope.organisation_id)
    assert other.send(here_of(group, facilitator, "/end-role"), {"why": "asked"}).status_code == 303
    form = {"group": write_ident(group.scope.group_id), "ref": write_ident(other.persona_id), "choice": "agree"}
    assert ours.send("/removals", form).status_code == 403
    assert role_of(world, other) is Role.FACILITATOR


# --- T12: coming back ---


def removed(world: World, team: tuple[GroupHere, Person, Person]) -> Person:
    group, facilitator, other = team
    member = world.person(group, Role.MODERATOR, "Marsh Harrier")
    facilitator.send(here_of(group, member, "/propose"), {"words": WHY, "clause": "be-kind"})
    assert other.send(here_of(group, member, "/decide"), {"choice": "agree"}).status_code == 303
    return member


def test_t12_the_removed_account_does_not_come_in_again_by_any_door(
    world: World, team: tuple[GroupHere, Person, Person], inside: Flask
) -> None:
    group, _facilitator, _other = team
    member = removed(world, team)
    for door in (Door.OPEN, Door.REQUEST, Door.INVITATION):
        world.configure(group, door=door)
        assert "The team decided" in comes_in(member, group), door
    found = row(select(Persona.standing).where(Persona.id == member.persona_id))
    assert found
    assert found.standing is Standing.LEFT


def test_t12_a_removed_person_with_a_fresh_account_meets_what_newcomers_meet_and_has_no_rights(
    world: World, team: tuple[GroupHere, Person, Person]
) -> None:
    """Without knowing who people are nobody can keep a person out: only what the group chose for newcomers holds."""
    group, _facilitator, _other = team
    member = removed(world, team)
    member.get("/leave")
    world.configure(group, hold_newcomers=True)
    page = member.send(f"/g/{group.address}/join", {"name": member.name, "answer-what-we-must-tell": "yes"})
    assert page.status_code == 422, "the old name is not free"
    assert comes_in(member, group, "Early Curlew").endswith("/start")
    assert member.get(f"/g/{group.address}/team").status_code == 404, "the role did not come back"
    form = {"title": "Me again", "body": "Hello.", "token": write_ident(new_ident())}
    sent = member.send(f"/b/{write_ident(group.board)}/write", form)
    world.settle()
    reader = world.person(group)
    assert sent.status_code == 303
    assert "Me again" not in text_of(reader.get(f"/b/{write_ident(group.board)}"))

    again = world.visitor()
    world.configure(group, door=Door.REQUEST)
    assert comes_in(again, group, "Later Curlew") == f"/g/{group.address}"
    assert again.get(f"/b/{write_ident(group.board)}").status_code == 404


def test_t12_a_removed_person_does_not_see_an_unlisted_group(
    world: World, team: tuple[GroupHere, Person, Person]
) -> None:
    group, *_rest = team
    member = removed(world, team)
    world.configure(group, listing=Listing.UNLISTED)
    assert member.get(f"/g/{group.address}").status_code == 404
