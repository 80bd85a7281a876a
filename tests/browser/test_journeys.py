"""J1 and J2 on an old phone, with and without scripts: somebody in distress posts tonight; somebody leaves in time."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from forum.models import Role
from tests.browser.harness import Visitor
from tests.conftest import Live
from tests.world import World, conversation_url

pytestmark = pytest.mark.browser

#: Twelve words, typed at 25 words a minute: 29 seconds of thumbs (experience.md J1).
TWELVE_WORDS = "I cannot sleep again and nobody else in the house is awake"
TYPING_S = 29.0
MINUTE_S = 60.0
MOST_BYTES = 45_000
MOST_TAPS = 4


class Thumb:
    """Counts taps."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, role: str, name: str | re.Pattern[str]) -> None:
        self.taps += 1
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def write_from_the_card(page: Page, address: str) -> Thumb:
    """M1 → M2 → M7 → M8."""
    thumb = Thumb(page)
    page.goto(address)
    thumb.tap("link", "Write something now")
    thumb.tap("button", re.compile("Yes, I have read it"))
    page.get_by_role("textbox", name="Your words").fill(TWELVE_WORDS)
    page.get_by_label("A short title").fill("Awake")
    assert in_first_screen(page, "aside.cg-crisis a"), "the crisis line is below the fold where somebody writes"
    thumb.tap("button", "Post")
    return thumb


def in_first_screen(page: Page, selector: str) -> bool:
    box = page.locator(selector).first.bounding_box()
    size = page.viewport_size
    return bool(box and size and box["y"] >= 0 and box["y"] + box["height"] <= size["height"])


def bytes_down(page: Page) -> Callable[[], int]:
    """What came over the line, headers included."""
    total = [0]
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on(
        "Network.loadingFinished", lambda event: total.__setitem__(0, total[0] + int(event["encodedDataLength"]))
    )
    return lambda: total[0]


def test_j1_a_newcomer_in_distress_posts_in_four_taps(world: World, live: Live, phone: Visitor) -> None:
    group = world.group()
    page = phone.new_page()
    came_down = bytes_down(page)
    started = time.monotonic()
    thumb = write_from_the_card(page, f"{live.url}/g/{group.address}")

    expect(page.get_by_role("heading", level=1)).to_have_text("Your words are kept")
    assert time.monotonic() - started + TYPING_S <= MINUTE_S
    assert thumb.taps <= MOST_TAPS
    assert came_down() <= MOST_BYTES
    assert in_first_screen(page, "aside.cg-crisis a")
    expect(page.get_by_text("No one from the team is due here at the moment.")).to_be_visible()
    assert page.locator("input[type=email], input[type=tel], input[autocomplete=name]").count() == 0


def test_j1_without_scripts(world: World, live: Live, nojs: Visitor) -> None:
    group = world.group()
    world.on_duty(group, 0, "19:00", "21:00")
    page = nojs.new_page()
    thumb = write_from_the_card(page, f"{live.url}/g/{group.address}")

    expect(page.get_by_role("heading", level=1)).to_have_text("Your words are kept")
    expect(page.get_by_text("The next person looks today at 19:00.")).to_be_visible()
    assert thumb.taps <= MOST_TAPS


def test_j1_no_page_on_the_way_asks_who_somebody_is(world: World, live: Live, nojs: Visitor) -> None:
    group = world.group()
    page = nojs.new_page()
    asked: set[str] = set()
    for path in (f"/g/{group.address}", f"/g/{group.address}/write"):
        page.goto(live.url + path)
        asked |= set(page.locator("input:not([type=hidden])").evaluate_all("all => all.map((field) => field.name)"))
    assert asked == {"shared", "method"}, "whose device it is, and how the rules were read: nothing of who"


@pytest.fixture
def reading(world: World, live: Live, phone: Visitor, elsewhere: str) -> Page:
    """A member with a topic open, three pages into the site."""
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren, "A private matter", "canary-words")
    phone.allowed.add(elsewhere)
    page = phone.new_page()
    sign_in(phone, wren.cookie or "", live.url)
    for path in (f"/g/{group.address}", conversation_url(topic)):
        page.goto(live.url + path)
    expect(page.get_by_text("canary-words")).to_be_visible()
    return page


def sign_in(visitor: Visitor, cookie: str, url: str) -> None:
    """Give this browser somebody's sign-in. A `__Host-` cookie can be put in only as if it came over https."""
    url = url.replace("http://", "https://")
    visitor.context.add_cookies(
        [{"name": "__Host-s", "value": cookie, "url": url, "secure": True, "httpOnly": True, "sameSite": "Lax"}]
    )


def leave_by_button(page: Page) -> None:
    page.get_by_role("link", name="Leave now").click(no_wait_after=True)


def leave_by_shift(page: Page) -> None:
    for _press in range(3):
        page.keyboard.press("Shift")


@pytest.mark.parametrize("leave", [leave_by_button, leave_by_shift])
def test_j2_leaving_hides_at_once_and_back_shows_nothing(
    world: World, phone: Visitor, reading: Page, elsewhere: str, leave: Callable[[Page], None]
) -> None:
    cookie = next(c["value"] for c in phone.context.cookies() if c["name"] == "__Host-s")
    leave(reading)
    reading.wait_for_url(f"{elsewhere}/**")

    assert not [c for c in phone.context.cookies() if c["name"] == "__Host-s"]
    for _step in range(5):
        reading.go_back(wait_until="commit")
        assert "canary-words" not in reading.content()
        assert "A private matter" not in reading.title()
    stale = world.visitor()
    stale.client.set_cookie("__Host-s", cookie, domain="localhost", secure=True)
    assert stale.get("/devices").status_code == 401


def test_j2_the_page_is_covered_within_a_tenth_of_a_second(reading: Page) -> None:
    covered_after = reading.evaluate(
        """() => new Promise((done) => {
            const start = performance.now();
            new MutationObserver(() => done(performance.now() - start))
                .observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
            document.querySelector("[data-behaviour=leave]").click();
        })"""
    )
    assert covered_after < 100


def test_j2_without_scripts_the_link_leaves(world: World, live: Live, nojs: Visitor, elsewhere: str) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren, "A private matter", "canary-words")
    nojs.allowed.add(elsewhere)
    sign_in(nojs, wren.cookie or "", live.url)
    page = nojs.new_page()
    page.goto(live.url + conversation_url(topic))
    page.get_by_role("link", name="Leave now").click()
    page.wait_for_url(f"{elsewhere}/**")
    page.go_back(wait_until="commit")
    assert "canary-words" not in page.content()


def test_two_people_talk(world: World, live: Live, phone: Visitor, desktop: Visitor) -> None:
    """A newcomer writes on a phone; a member answers from a desk; the newcomer reads the answer."""
    group = world.group()
    newcomer = phone.new_page()
    write_from_the_card(newcomer, f"{live.url}/g/{group.address}")
    world.settle()

    heron = world.person(group, Role.MEMBER)
    sign_in(desktop, heron.cookie or "", live.url)
    desk = desktop.new_page()
    desk.goto(f"{live.url}/g/{group.address}")
    desk.get_by_role("link", name=re.compile("Say hello")).first.click()
    desk.get_by_role("link", name=re.compile("Awake")).first.click()
    expect(desk.get_by_text(TWELVE_WORDS)).to_be_visible()
    desk.get_by_role("textbox", name="Your words").fill("I am awake too. You are not alone.")
    desk.get_by_role("button", name="Post").first.click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Your words are kept")
    world.settle()

    newcomer.get_by_role("link", name="Go to the conversation").click()
    expect(newcomer.get_by_text("I am awake too. You are not alone.")).to_be_visible()
    expect(newcomer.get_by_role("heading", name=re.compile(heron.name))).to_be_visible()
