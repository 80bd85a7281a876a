"""A phone is lost: a card in a drawer brings somebody back, and the new phone throws the old one out."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import Visitor
from tests.conftest import Live
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.fixture(params=["phone", "nojs"])
def old_phone(request: pytest.FixtureRequest) -> Visitor:
    """An old phone, and a phone whose browser runs no scripts."""
    return request.getfixturevalue(request.param)


def come_in(page: Page, address: str) -> str:
    """A newcomer comes in and is told who they are here."""
    page.goto(f"{address}/write")
    page.get_by_role("button", name=re.compile("Yes, I have read it")).click()
    page.goto(address)
    said = page.get_by_text("Your name here is").inner_text()
    return said.removeprefix("Your name here is").strip(" .")


def make_card(page: Page, url: str) -> str:
    """Reminded at home; makes a card and copies its numbers."""
    page.goto(url)
    expect(page.get_by_text("You have no way back yet")).to_be_visible()
    page.get_by_role("link", name="Keep a way back").click()
    page.get_by_role("button", name="Make a card to print").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your card")
    return page.locator(".cg-digits").inner_text()


def sign_in(page: Page, url: str, typed: str) -> None:
    page.goto(f"{url}/sign-in")
    page.get_by_role("textbox", name=re.compile("Your six words")).fill(typed)
    page.get_by_role("button", name="Sign in").click()


def test_a_lost_phone_is_no_lost_name(
    world: World, live: Live, old_phone: Visitor, request: pytest.FixtureRequest
) -> None:
    group = world.group()
    old = old_phone.new_page()
    name = come_in(old, f"{live.url}/g/{group.address}")
    numbers = make_card(old, live.url)
    old.goto(live.url)
    expect(old.get_by_text("You have no way back yet")).to_have_count(0)

    browser = old_phone.context.browser
    assert browser
    new_phone = browser.new_context(ignore_https_errors=True, base_url=live.url)
    try:
        new = new_phone.new_page()
        slip = numbers.strip()[:-1] + str((int(numbers.strip()[-1]) + 1) % 10)
        sign_in(new, live.url, slip)
        expect(new.get_by_text("Those numbers do not fit together").first).to_be_visible()
        sign_in(new, live.url, numbers)
        expect(new.get_by_text(name).first).to_be_visible()
        new.goto(f"{live.url}/devices")
        new.get_by_role("button", name="Sign out all my other devices").click()
        new.goto(live.url)
        expect(new.get_by_text(name).first).to_be_visible()
    finally:
        new_phone.close()
    old.goto(live.url)
    expect(old.get_by_text(name)).to_have_count(0)


#: A device that speaks with the voices named; what it was asked to say stands in `said`.
SPEAKING = """
window.said = [];
const voices = [{lang: "en-GB", name: "Far", localService: false}, {lang: "en-GB", name: "Near", localService: NEAR}];
const speaker = {speaking: false, cancel() {}, getVoices: () => voices, speak: (one) => said.push([one.voice.name, one.text])};
Object.defineProperty(window, "speechSynthesis", {value: speaker});
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
"""


@pytest.mark.parametrize("near", [True, False])
def test_l29_the_device_itself_reads_the_words_letter_by_letter(
    world: World, live: Live, phone: Visitor, near: bool
) -> None:
    page = phone.new_page()
    page.add_init_script(SPEAKING.replace("NEAR", str(near).lower()))
    come_in(page, f"{live.url}/g/{world.group().address}")
    page.goto(f"{live.url}/way-back")
    page.get_by_role("button", name="Show me my six words").click()
    words = page.locator(".cg-phrase li").all_inner_texts()
    fours = page.locator(".cg-digits span").all_inner_texts()
    button = page.get_by_role("button", name="Read the words to me")
    if not near:  # a voice that is a server elsewhere must not learn them
        expect(button).to_be_hidden()
        return
    button.click()
    page.get_by_role("button", name="Read the numbers to me").click()
    spelled = [" ".join(", ".join(part) + "." for part in parts) for parts in (words, fours)]
    assert page.evaluate("said") == [["Near", spelled[0]], ["Near", spelled[1]]]
    assert (len(fours), {len(four) for four in fours}) == (5, {4})
