"""Somebody who has never seen this looks for words they half remember, answers them, is interrupted, and loses nothing."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import Visitor
from tests.conftest import Live
from tests.journeys.test_lost_phone import come_in, make_card, sign_in
from tests.world import Person, World, conversation_url

pytestmark = pytest.mark.browser

#: What a newcomer half remembers is in the middle of what was written long before.
OLD = "On bad nights I count the herons by the weir. It is a small thing and it carries me to the morning."
MINE = "I count trains. Thank you for the herons, I will try them."
NOTE = "Death or loss"


@pytest.fixture(params=["phone", "nojs"])
def old_phone(request: pytest.FixtureRequest) -> Visitor:
    """An old phone, and a phone whose browser runs no scripts."""
    return request.getfixturevalue(request.param)


def bury(world: World, heron: Person) -> bytes:
    """An old topic under newer ones."""
    old = world.topic(heron, "Small hours", OLD)
    for n in range(3):
        world.moment.go(days=1)
        world.topic(heron, f"Another evening {n}", "Nothing about birds.")
    return old


def find_and_begin(page: Page, address: str) -> None:
    """From the group's page to the half-written answer: what somebody does who was never told how."""
    page.goto(address)
    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_label("Words to look for").fill("hero wei")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name="Small hours").click()
    page.get_by_role("link", name=re.compile("More about post 1")).click()
    page.get_by_role("link", name="Answer this post").click()
    page.get_by_text("Add a content note").click()
    page.get_by_label(NOTE).check()
    page.get_by_label("Your words", exact=True).fill(MINE)


def interrupt(page: Page, scripts: bool) -> None:
    """With scripts words save themselves; without them a button does, and says so."""
    if scripts:
        expect(page.get_by_text("Saved. Only you can see it.")).to_be_visible(timeout=15_000)
        page.close(run_before_unload=False)
    else:
        page.get_by_role("button", name=re.compile("Keep for later")).click()
        expect(page.get_by_text("You have words here that are not posted yet")).to_be_visible()


def test_j8_words_begun_on_one_device_are_whole_on_another(
    world: World, live: Live, old_phone: Visitor, request: pytest.FixtureRequest
) -> None:
    group = world.group()
    heron = world.person(group, name="Grey Heron")
    topic = bury(world, heron)
    address = f"{live.url}/g/{group.address}"
    first = old_phone.new_page()
    name = come_in(first, address)
    numbers = make_card(first, live.url).strip()
    find_and_begin(first, address)
    interrupt(first, scripts=request.node.callspec.params["old_phone"] != "nojs")

    browser = old_phone.context.browser
    assert browser
    other = browser.new_context(ignore_https_errors=True, base_url=live.url)
    try:
        page = other.new_page()
        sign_in(page, live.url, numbers)
        page.goto(f"{live.url}{conversation_url(topic)}")
        expect(page.get_by_label("Your words", exact=True)).to_have_value(MINE)
        expect(page.get_by_text("You answer Grey Heron, post 1.")).to_be_visible()
        expect(page.get_by_label(NOTE)).to_be_checked()
        page.get_by_role("button", name="Post", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    finally:
        other.close()
    world.settle()
    read = heron.get(conversation_url(topic)).get_data(as_text=True)
    assert MINE in read
    assert NOTE in read
    assert read.count("carries me to the morning") == 2  # where it stands, and quoted in the answer
    assert name in read
