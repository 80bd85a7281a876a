"""A session of five in five browsers: two facilitators and three members, from the doorway to the day after."""

import contextlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.binding import bind
from tests.browser.harness import Visitor, visiting
from tests.conftest import Live
from tests.meeting import gather
from tests.world import Person, World

pytestmark = [pytest.mark.browser, pytest.mark.pages, pytest.mark.timeout(300)]

#: Facilitators at a desk, members on the smallest phone.
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
#: Half of what a desk without the quick line would wait before it asks.
TOLD_WITHIN_MS = 5000
PICTURES = Path("var/screenshots/session")


def open_as(visitor: Visitor, person: Person, url: str) -> Page:
    """Somebody's own browser, signed in."""
    cookie = {"name": "__Host-s", "value": person.cookie or "", "url": url.replace("http:", "https:")}
    visitor.context.add_cookies([{**cookie, "secure": True, "httpOnly": True, "sameSite": "Lax"}])
    return visitor.new_page()


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def press(page: Page, address: str, *names: str) -> None:
    """Open a page and press its buttons, one after the other."""
    page.goto(address)
    for name in names:
        page.get_by_role("button", name=name).first.click()


def say(page: Page, room: str, words: str) -> None:
    page.goto(room)
    page.get_by_role("textbox", name="Your message").fill(words)
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text(words).first.wait_for()


def both_sizes(page: Page, name: str, address: str) -> None:
    """Pictures for the guides, as a phone and a desk show the page: `make pictures` takes them to docs/images."""
    before = page.viewport_size or PHONE
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        page.goto(address)
        page.wait_for_timeout(300)  # fonts, and the end of the talk
        page.screenshot(path=PICTURES / f"{name}-{size['width']}.png")
    page.set_viewport_size(before)


def types_and_loses_the_page(page: Page, room: str) -> None:
    """Words that are not sent are there again, and no more once they are sent."""
    page.goto(room)
    field = page.get_by_role("textbox", name="Your message")
    field.fill("What I did not dare.")
    page.locator("[data-draft-state]", has_text="Saved.").wait_for()
    page.goto(room)
    assert field.input_value() == "What I did not dare."
    with page.expect_response(lambda answer: answer.url.endswith("/draft")):
        page.get_by_role("button", name="Send", exact=True).click()
    page.goto(room)
    assert field.input_value() == ""


def test_five_people_meet_speak_in_turn_rest_and_say_goodbye(world: World, live: Live, browser: Browser) -> None:
    group = world.group()
    with world.app.app_context():
        bind(group.scope, {"chat.hands": "on"})
    there = gather(world, 0, group=group, planned=True, summary=True)
    members = [world.person(group) for _n in range(3)]
    room, desk = live.url + there.page, f"{live.url}{there.page}/desk"
    with contextlib.ExitStack() as stack:
        lead, support = (
            open_as(stack.enter_context(visiting(browser, live.url, DESK)), one, live.url)
            for one in (there.host, there.support)
        )
        phones = [open_as(stack.enter_context(visiting(browser, live.url, PHONE)), one, live.url) for one in members]
        wren, heron, owl = phones
        for n, phone in enumerate(phones):
            phone.goto(room)
            picture(phone, f"doorway-{n}")
            phone.get_by_role("button", name="Come in").click()
            say(phone, room, f"Hello from the {('kitchen', 'bus', 'garden')[n]}.")
        press(lead, desk, "Go on to the next step")
        wren.goto(room)
        assert wren.get_by_text("Opening round").first.is_visible()
        for phone in (wren, heron):
            press(phone, room, "Raise my hand")
        press(lead, desk, "Give the floor")
        picture(lead, "desk-hands")
        wren.goto(room)
        assert wren.get_by_text("You have the floor").is_visible()
        heron.goto(room)
        assert heron.get_by_text("has the floor").is_visible()
        picture(heron, "room-floor")
        press(wren, room, "Pass the floor on")
        heron.goto(room)
        assert heron.get_by_text("You have the floor").is_visible()
        press(heron, room, "Pass the floor on")
        before = owl.goto(room) and owl.locator("[data-room-state]").inner_text()
        support.goto(desk)
        support.wait_for_load_state("networkidle")
        press(wren, f"{room}/struggling", "Tell the facilitators")
        picture(wren, "struggling")
        assert owl.goto(room)
        assert owl.locator("[data-room-state]").inner_text() == before
        support.get_by_role("button", name="I go to them").wait_for(timeout=TOLD_WITHIN_MS)
        picture(support, "desk-asked")
        press(support, desk, "I go to them")
        press(support, desk, "They are looked after for now")
        types_and_loses_the_page(heron, room)
        press(lead, desk, "Begin quiet minutes")
        say(wren, room, "I am tired.")
        heron.goto(room)
        assert heron.get_by_text("I am tired.").count() == 0
        press(lead, desk, "Show all answers now")
        heron.goto(room)
        assert heron.get_by_text("I am tired.").is_visible()
        picture(heron, "room-answers")
        both_sizes(owl, "room", room), both_sizes(lead, "room-desk", desk)
        press(lead, desk, "Begin to wind down")
        owl.goto(room)
        assert owl.get_by_text("There is time to say goodbye.").first.is_visible()
        press(lead, desk, "Close the room")
        press(wren, f"{room}/check-in", "Ask me tomorrow")
        assert wren.get_by_text("You are asked tomorrow.").is_visible()
        picture(wren, "after")
        lead.goto(f"{live.url}/g/{group.address}/follow-ups")
        assert lead.get_by_text("Ask how they are").is_visible()
        picture(lead, "follow-ups")


@pytest.mark.timeout(60)
def test_x17_with_a_keyboard_open_the_field_and_send_are_both_there(world: World, live: Live, browser: Browser) -> None:
    there = gather(world, 1)
    wren = there.members[0]
    with world.app.app_context():
        for n in range(12):
            there.say(there.host, f"A message that takes some room, number {n}.")
    with visiting(browser, live.url, {"width": 360, "height": 320}) as visitor:
        page = open_as(visitor, wren, live.url)
        page.goto(live.url + there.page)
        page.get_by_role("textbox", name="Your message").focus()
        for part in (
            page.get_by_role("textbox", name="Your message"),
            page.get_by_role("button", name="Send", exact=True),
        ):
            box = part.bounding_box()
            assert box
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= 320
