"""What an organisation asks of its groups: its admins alone change it, with a code, in the record, and told before (C3)."""

import pytest
from sqlalchemy import select

from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import write_ident
from forum.ground_rules import floors
from forum.models import Promise, Role
from forum.policy import terms
from moderation.models import AuditEntry
from tests.binding import bind
from tests.world import World, text_of


class Scene:
    """Two organisations with an admin each, and two groups of the first."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.group, self.other, self.far = world.group(), world.group(), world.group("Another Trust")
        self.ours = self.group.scope.organisation_id
        self.admin = world.admin(self.ours)
        self.stranger = world.admin(self.far.scope.organisation_id)
        self.path = f"/admin/organisations/{write_ident(self.ours)}/floor"

    def value(self, key: str = "links") -> str:
        return terms.of_group(self.group.scope.group_id).values[key]


@pytest.fixture
def scene(world: World, inside: object) -> Scene:
    return Scene(world)


def test_an_admin_reads_first_what_it_does_to_which_group(scene: Scene) -> None:
    bind(scene.group.scope, {"links": "open"})
    answer = scene.admin.send(scene.path, {"links": "none"})
    assert answer.status_code == 200
    assert f"The rules of “{scene.group.name}” are looser here." in text_of(answer)
    assert scene.far.name not in text_of(answer)
    assert scene.value() == "open"
    assert scene.admin.send(scene.path, {"links": "none", "sure": "yes"}).status_code == 303
    assert scene.value() == "none"
    assert terms.of_group(scene.far.scope.group_id).values["links"] == "facilitator posts"
    assert scene.admin.send(scene.path, {"links": "", "sure": "yes"}).status_code == 303
    assert scene.value() == "open"


def test_it_stands_in_the_record(scene: Scene) -> None:
    scene.admin.send(scene.path, {"links": "none", "premod": "newcomers", "sure": "yes"})
    scene.admin.send(scene.path, {"links": "none", "sure": "yes"})
    found = rows(select(AuditEntry.codes).where(AuditEntry.action == "floor.set").order_by(AuditEntry.n))
    assert [r.codes for r in found] == ["links:none", "premod:newcomers", "premod:"]


def test_nobody_else_sees_or_changes_it(scene: Scene) -> None:
    facilitator = scene.world.person(scene.group, Role.FACILITATOR)
    for person in (scene.stranger, facilitator):
        assert person.get(scene.path).status_code == 404
        assert person.send(scene.path, {"links": "none", "sure": "yes"}).status_code == 404
    with pytest.raises(NotFound):
        floors.set_floor(facilitator.actor, scene.ours, {"links": "none"})
    assert scene.value() == "facilitator posts"


def test_a_value_that_nobody_registered_is_refused(scene: Scene) -> None:
    assert scene.admin.send(scene.path, {"links": "sometimes"}).status_code == 422
    with pytest.raises(Invalid):
        floors.clean({"telepathy": "on"})
    assert floors.clean({"links": "open", "premod": ""}) == {}, "the loosest value asks for nothing"


def test_c9_what_was_promised_of_keeping_words_is_noted(scene: Scene) -> None:
    scene.admin.send(scene.path, {"board.retention": "90 days", "sure": "yes"})
    scene.admin.send(scene.path, {"board.retention": "", "sure": "yes"})
    found = row(select(Promise.days, Promise.until_on).where(Promise.subject_id == scene.ours))
    assert found
    assert found.days == 90
    assert found.until_on == scene.world.moment.at.date()
