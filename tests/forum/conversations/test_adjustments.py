"""No pause in slow topics for one person: by a facilitator, unseen by the others, and never under an alias."""

import pytest
from sqlalchemy import select

from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.conversations import adjustments
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.models import Conversation, Restriction, Role
from tests.world import Person, World, text_of


class Scene:
    """A slow topic, two members who wrote in it just now, and who looks after it."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group), world.person(self.group)
        self.owl = world.person(self.group, Role.FACILITATOR)
        self.topic = world.topic(self.owl)
        with world.app.app_context(), transaction():
            slowed = Conversation.__table__.update().where(Conversation.id == self.topic)
            here().execute(slowed.values(slow_minutes=60))
        for who in (self.wren, self.heron):
            world.reply(who, self.topic)

    def writes(self, who: Person, *, masked: bool = False) -> bool:
        """Whether they can write again now."""
        try:
            said = Words("And one more thing.", masked=masked)
            posting.submit_post(who.actor, self.topic, said, write_ident(new_ident()))
        except Invalid:
            return False
        return True


@pytest.fixture
def scene(world: World, inside: object) -> Scene:
    return Scene(world)


def test_whom_a_facilitator_makes_it_easier_for_need_not_wait(scene: Scene) -> None:
    assert not scene.writes(scene.wren)
    path = f"/g/{scene.group.address}/people/{write_ident(scene.wren.persona_id)}"
    assert scene.owl.send(f"{path}/no-pause", {"on": "yes"}).status_code == 303
    assert "Only they and you facilitators know." in text_of(scene.owl.get(path))
    assert scene.writes(scene.wren)
    assert not scene.writes(scene.heron)
    scene.owl.send(f"{path}/no-pause")
    assert not scene.writes(scene.wren)


def test_an_alias_waits_as_long_as_every_other(scene: Scene) -> None:
    """Else the facilitator, who knows for whom it is easier, would know whose it is."""
    adjustments.set_no_pause(scene.owl.actor, scene.group.scope, scene.wren.persona_id, on=True)
    assert not scene.writes(scene.wren, masked=True)
    assert scene.writes(scene.wren)


def test_only_a_facilitator_of_the_group_does_it_and_only_for_its_members(scene: Scene) -> None:
    stranger = scene.world.person(scene.world.group())
    moderator = scene.world.person(scene.group, Role.MODERATOR)
    with pytest.raises(NotAllowed):
        adjustments.set_no_pause(moderator.actor, scene.group.scope, scene.wren.persona_id, on=True)
    with pytest.raises(NotFound):
        adjustments.set_no_pause(scene.heron.actor, scene.group.scope, scene.wren.persona_id, on=True)
    with pytest.raises(NotFound):
        adjustments.set_no_pause(scene.owl.actor, scene.group.scope, stranger.persona_id, on=True)
    assert not adjustments.has_no_pause(scene.group.scope, scene.wren.persona_id)


def test_no_row_says_for_whom(scene: Scene) -> None:
    adjustments.set_no_pause(scene.owl.actor, scene.group.scope, scene.wren.persona_id, on=True)
    for found in rows(select(Restriction.tag, Restriction.sealed)):
        assert scene.wren.persona_id not in (bytes(found.tag) + bytes(found.sealed))
    assert adjustments.held(scene.group.scope, scene.wren.persona_id) == {"no_pause_in_slow_topics": True}
