"""Rule "Links wait for a person to look": for everyone but the team, who stand by what they post with their name."""

import pytest

from forum.conversations import usecases
from forum.conversations.prepare import Words
from forum.models import PostState, Role
from tests.world import World

LINK = "The opening hours are at https://example.org today."


@pytest.mark.parametrize("role", [Role.FACILITATOR, Role.MODERATOR])
def test_the_team_posts_and_edits_links_at_once(world: World, inside: object, role: Role) -> None:
    group = world.group()
    mo = world.person(group, role)
    topic = world.topic(mo, body=LINK)
    written = usecases.submit_post(mo.actor, topic, Words(LINK), "t")
    assert written.state is PostState.SENDING
    assert usecases.edit_post(mo.actor, written.id, f"Again: {LINK}", "en").state is PostState.SENDING


def test_a_members_link_waits_also_in_an_edit(world: World, inside: object) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    assert usecases.submit_post(wren.actor, topic, Words(LINK), "t").state is PostState.HELD
    said = world.reply(wren, topic, "No link.")
    assert usecases.edit_post(wren.actor, said, LINK, "en").state is PostState.HELD


def test_behind_an_alias_the_team_is_like_anyone(world: World, inside: object) -> None:
    """A link that went out at once would say that somebody of the team hides there."""
    group = world.group()
    mo = world.person(group, Role.FACILITATOR)
    topic = world.topic(mo)
    assert usecases.submit_post(mo.actor, topic, Words(LINK, masked=True), "t").state is PostState.HELD


def test_a_number_to_be_reached_at_waits_for_the_team_too(world: World, inside: object) -> None:
    group = world.group()
    mo = world.person(group, Role.FACILITATOR)
    topic = world.topic(mo)
    both = usecases.submit_post(mo.actor, topic, Words(f"Ring me on 07700 900123. {LINK}"), "t")
    assert both.state is PostState.HELD
