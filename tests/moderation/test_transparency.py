"""Monthly counts: for members of groups whose rules ask for them, of months that are over, and never of fewer than five."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.models import Role
from moderation import transparency
from moderation.models import Choice, Decision
from tests.binding import bind, set_floor
from tests.world import World


class Scene:
    """A group with a member and a moderator."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.owl = world.person(self.group), world.person(self.group, Role.MODERATOR)
        self.path = f"/g/{self.group.address}/team-counts"

    def decided(self, choice: Choice, times: int, at: datetime) -> None:
        who = {"group_id": self.group.scope.group_id, "decided_by": self.owl.persona_id}
        with transaction():
            for _n in range(times):
                here().execute(insert(Decision).values(id=new_ident(), choice=choice, decided_at=at, **who))

    def counts(self) -> list[dict[str, int | None]]:
        """The latest month first."""
        return [dict(one) for one in transparency.get_months(self.wren.actor, self.group.scope, "UTC").values()]


@pytest.fixture
def scene(world: World, inside: object) -> Scene:
    return Scene(world)


def test_c2_members_read_it_where_the_rules_or_the_organisation_ask_for_it(scene: Scene) -> None:
    assert scene.wren.get(scene.path).status_code == 404
    bind(scene.group.scope, {"mod.transparency": "monthly counts"})
    page = scene.wren.get(scene.path)
    assert page.status_code == 200
    assert "This is our rule" in page.text
    assert "team-counts" in scene.wren.get(f"/g/{scene.group.address}/rules").text
    assert scene.world.person(scene.world.group()).get(scene.path).status_code == 404
    bind(scene.group.scope, {"mod.transparency": "none"})
    assert scene.wren.get(scene.path).status_code == 404
    set_floor(scene.group.scope, {"mod.transparency": "monthly counts"})
    assert scene.wren.get(scene.path).status_code == 200


def test_no_number_under_five_and_none_of_this_month(scene: Scene) -> None:
    bind(scene.group.scope, {"mod.transparency": "monthly counts"})
    now = scene.world.moment.at
    before = now.replace(day=1) - timedelta(days=3)
    scene.decided(Choice.HIDE, 7, now)
    assert all(number is None for one in scene.counts() for number in one.values())
    for choice, times in ((Choice.HIDE, 7), (Choice.LOOKED, 9), (Choice.FOLD, 6), (Choice.PAUSE_POSTING, 5)):
        scene.decided(choice, times, before)
    assert scene.counts()[0] == {"left": 9, "milder": 6, "away": 7, "person": 5}
    two_ago = before.replace(day=1) - timedelta(days=3)
    scene.decided(Choice.HIDE, 4, two_ago)
    assert scene.counts()[1]["away"] is None
