"""A facilitator who is called reads so where they look after the group, also without a channel of their own."""

import pytest

from forum.base.idents import new_ident
from forum.models import Role
from moderation.safeguarding import concerns, ticking
from moderation.safeguarding.concerns import Raise
from moderation.safeguarding.models import Kind, Origin
from tests.safeguarding import arm
from tests.world import World, text_of

CALLED = "You are being called"


@pytest.mark.parametrize("page", ["shift", "duty"])
def test_who_is_called_reads_it_on_the_teams_pages_and_nobody_else(world: World, page: str) -> None:
    group = world.group()
    arm(world, group)
    facilitator, moderator = world.person(group, Role.FACILITATOR), world.person(group, Role.MODERATOR)
    path = f"/g/{group.address}/{page}"
    before = text_of(moderator.get(path))
    assert CALLED not in facilitator.get(path).text
    assert 'href="/concerns"' in facilitator.get(path).text
    with world.app.app_context():
        said = Raise(group.scope, Kind.ADULT, Origin.MEMBER, new_ident(), "persona", new_ident(), said="I worry.")
        concerns.raise_concern(said)
        ticking.tick()
    assert CALLED in facilitator.get(path).text
    assert text_of(moderator.get(path)) == before
    assert 'href="/concerns"' not in moderator.get(path).text
