"""What the record says of groups, organisations and doors: who did what, as digests, and no word of anybody."""

import re

import pytest
from sqlalchemy import insert, select

from forum.accounts import staff
from forum.base.db import row, rows
from forum.base.errors import NotAllowed
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.groups import doors
from forum.models import Door, Group, Organisation, Persona, Role, Staff, StaffRole, Standing
from forum.policy import record
from moderation import audit
from moderation.models import AuditEntry
from tests.forum.groups.test_doors import comes_in
from tests.world import GroupHere, Person, World

ORGANISATION = {"name": "Lantern Trust", "nation": "wales", "complaints": "Ring the office."}
GROUP = {"address": "quiet-harbour", "name": "A group", "benefits": "Company.", "who_for": "Anyone.", "boards": "Hello"}
OF_THE_CARD = ["--organisation", "Tide Trust", "--name", "Evening", "--benefits", "b", "--who-for", "w", "--board", "B"]


def entries(world: World) -> list[tuple[str, str, str, str]]:
    """Action, codes, and the digests of who and whom."""
    with world.app.app_context():
        assert audit.find_break() is None
        table = AuditEntry.__table__.c
        found = rows(select(table.action, table.codes, table.actor, table.subject).order_by(table.n))
    return [tuple(r) for r in found]


def digests(world: World, actor: bytes | None, subject: bytes) -> tuple[str, str]:
    with world.app.app_context():
        return audit.digest("persona", actor or b""), audit.digest("subject", subject)


def id_of(world: World, table: type, **columns: str) -> bytes:
    with world.app.app_context():
        found = row(select(table.id).filter_by(**columns))  # type: ignore[attr-defined]
    assert found
    return bytes(found.id)


@pytest.fixture
def admin(world: World) -> Person:
    person = world.admin()
    world.step_up(person)
    return person


def test_making_an_organisation_and_a_group_is_recorded(world: World, admin: Person) -> None:
    admin.send("/admin/organisations/new", ORGANISATION)
    organisation = id_of(world, Organisation, name="Lantern Trust")
    form = GROUP | {"organisation": write_ident(organisation)}
    assert admin.send("/admin/groups/new", form | {"address": "Not one"}).status_code == 422
    assert [e[0] for e in entries(world)] == ["organisation.make"], "what was refused did not happen"
    assert admin.send("/admin/groups/new", form).status_code == 303
    assert admin.send("/admin/groups/quiet-harbour/facilitator").status_code == 200
    group = id_of(world, Group, address="quiet-harbour")
    assert entries(world) == [
        ("organisation.make", "wales", *digests(world, admin.account_id, organisation)),
        ("group.make", "open listed", *digests(world, admin.account_id, group)),
        ("role.link", "facilitator", *digests(world, admin.account_id, group)),
    ]


def test_the_command_line_is_recorded_as_the_operator(world: World) -> None:
    for address in ("quiet-harbour", "calm-harbour"):
        said = world.app.test_cli_runner().invoke(args=["group", "create", "--address", address, *OF_THE_CARD])
        assert said.exit_code == 0, said.output
    groups = [id_of(world, Group, address=address) for address in ("quiet-harbour", "calm-harbour")]
    organisation = id_of(world, Organisation, name="Tide Trust")
    assert entries(world) == [
        ("organisation.make", "england", *digests(world, record.OPERATOR, organisation)),
        ("group.make", "open listed", *digests(world, record.OPERATOR, groups[0])),
        ("group.make", "open listed", *digests(world, record.OPERATOR, groups[1])),
    ]


def asks(world: World, group: GroupHere, name: str) -> bytes:
    """Somebody asks to come in; gives who they are to be."""
    comes_in(world.visitor(), group, name)
    with world.app.app_context():
        found = row(select(Persona.id).where(Persona.group_id == group.scope.group_id, Persona.name == name))
    assert found
    return bytes(found.id)


def test_letting_somebody_in_and_saying_no_are_recorded_without_the_words(world: World) -> None:
    group = world.group()
    world.configure(group, door=Door.REQUEST)
    facilitator, helper = world.person(group, Role.FACILITATOR), world.person(group, Role.MODERATOR)
    fern, moss = asks(world, group, "Quiet Fern"), asks(world, group, "Quiet Moss")
    with world.app.app_context():
        with pytest.raises(NotAllowed):
            doors.let_in(helper.actor, group.scope, fern)
        doors.let_in(facilitator.actor, group.scope, fern)
        doors.say_no(facilitator.actor, group.scope, moss, "This group is for carers.")
    assert entries(world) == [
        ("request.let_in", "", *digests(world, facilitator.persona_id, fern)),
        ("request.say_no", "", *digests(world, facilitator.persona_id, moss)),
    ]


def test_what_cannot_be_recorded_does_not_happen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    group = world.group()
    world.configure(group, door=Door.REQUEST)
    facilitator = world.person(group, Role.FACILITATOR)
    fern = asks(world, group, "Quiet Fern")
    monkeypatch.setattr(record, "_note", record._nowhere)
    with world.app.app_context():
        with pytest.raises(LookupError):
            doors.let_in(facilitator.actor, group.scope, fern)
        still = row(select(Persona.standing).where(Persona.id == fern))
        assert still
        assert still.standing is Standing.WAITING


# --- A link ends with the admin who made it ---


def link_of(admin: Person, group: GroupHere) -> str:
    found = re.search(r"/role/[\w-]+", admin.send(f"/admin/groups/{group.address}/facilitator").text)
    assert found
    return found[0]


def end(world: World, admin: Person, organisation_id: bytes | None) -> None:
    with world.app.app_context():
        theirs = (Staff.account_id == admin.account_id, Staff.organisation_id == organisation_id)
        found = row(select(Staff.id).where(*theirs))
        assert found
        assert staff.end_staff(found.id)


@pytest.mark.parametrize("whole_site", [True, False])
def test_t8_the_links_of_an_admin_who_was_removed_end_at_once(world: World, whole_site: bool) -> None:
    group = world.group()
    organisation = None if whole_site else group.scope.organisation_id
    one, other = world.admin(organisation), world.admin(organisation)
    for admin in (one, other):
        world.step_up(admin)
    gone, kept, member = link_of(one, group), link_of(other, group), world.person(group)
    printed = world.app.test_cli_runner().invoke(args=["group", "facilitator", group.address]).output
    from_line = re.search(r"/role/\S+", printed)
    assert from_line
    assert member.get(gone).status_code == 200
    end(world, one, organisation)
    for link in (gone, f"{gone}/come-in"):
        assert member.send(link).status_code == 404
    assert member.get(gone).status_code == 404
    assert member.get(from_line[0]).status_code == 200
    assert member.send(kept).status_code == 303


def test_an_admin_of_another_organisation_does_not_keep_it_alive(world: World) -> None:
    """One account, two organisations: it loses the one whose group the link is for."""
    ours, far = world.group("Harbour Trust"), world.group("Lantern Trust")
    admin = world.admin(ours.scope.organisation_id)
    world.step_up(admin)
    link, member = link_of(admin, ours), world.person(ours)
    with world.app.app_context(), transaction():
        elsewhere = {"account_id": admin.account_id, "organisation_id": far.scope.organisation_id}
        here().execute(insert(Staff).values(id=new_ident(), role=StaffRole.ADMIN, **elsewhere))
    assert member.get(link).status_code == 200
    end(world, admin, ours.scope.organisation_id)
    assert member.get(link).status_code == 404
