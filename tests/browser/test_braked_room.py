"""A brake on a live room, as whoever comes in on a phone meets it: they stand at the field and learn that it is shut."""

import pytest
from playwright.sync_api import expect

from forum.groups import brakes
from forum.groups.brakes import Pull
from forum.models import Brake
from tests.browser.harness import Visitor
from tests.browser.test_journeys import sign_in
from tests.conftest import Live
from tests.meeting import gather
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("braked", [False, True])
def test_t10_whoever_comes_in_finds_the_way_to_what_holds_there(
    world: World, live: Live, phone: Visitor, braked: bool
) -> None:
    there = gather(world)
    wren = there.members[0]
    with world.app.app_context():
        there.say(there.members[1], "I slept badly again.")
        if braked:
            brakes.pull(there.host.actor, there.group.scope, there.room_id, Pull(Brake.STOP, 2, "Let us all breathe."))
    sign_in(phone, wren.cookie or "", live.url)
    page = phone.new_page()
    page.goto(live.url + there.page)
    way = page.get_by_role("link", name="Something changed in this room. See what")
    if not braked:
        expect(page.get_by_role("textbox", name="Your message")).to_be_in_viewport()
        expect(way).to_be_hidden()
        return
    expect(way).to_be_in_viewport()
    way.click()
    expect(page.get_by_text("Let us all breathe.")).to_be_in_viewport()
    words = page.get_by_role("textbox", name="Your message")
    words.fill("Why?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("The team has stopped new posts here for now.")).to_be_visible()
    expect(words).to_have_value("Why?")
