"""J3, X18, X20 and the keys: pages as each reader needs them, on screen and on paper."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from forum.models import Role
from forum.web import display
from tests.browser import checks
from tests.browser.harness import DESKTOP, PHONE, Visitor, visiting
from tests.browser.screens import SCREENS, Stage, set_stage
from tests.browser.test_journeys import sign_in
from tests.browser.test_screens import show
from tests.conftest import Live
from tests.world import Person, World, conversation_url

pytestmark = pytest.mark.browser

#: All that can be chosen at once, as far as it can be.
MOST = {"size": "3", "space": "2", "measure": "2", "font": "dyslexic", "theme": "dark", "still": "1"}

#: What each setting changes, as the browser works it out, on any page of ours.
LOOKS = """() => {
    const of = (selector) => getComputedStyle(document.querySelector(selector));
    const p = document.querySelector("main p, main li, main legend, main label, main h1");
    return {
        size: of("html").fontSize + getComputedStyle(p).fontSize,
        space: getComputedStyle(p).letterSpacing + getComputedStyle(p).lineHeight,
        measure: of("html").getPropertyValue("--measure").trim(),
        font: getComputedStyle(p).fontFamily,
        theme: of("body").backgroundColor + of("body").color,
        still: of(".cg-bar").borderBottomColor,
    };
}"""


@pytest.fixture
def stage(world: World) -> Stage:
    return set_stage(world)


@pytest.fixture
def quick_phone(browser: Browser, live: Live) -> Iterator[Visitor]:
    """A phone's screen at full speed: these tests look at pages, not at waiting."""
    with visiting(browser, live.url, PHONE) as visitor:
        yield visitor
        assert visitor.problems() == []


def choose(visitor: Visitor, url: str, **settings: str) -> None:
    """Give this browser a look, as if it had been chosen before."""
    look = display.PLAIN
    for name, value in settings.items():
        look = display.changed(look, name, value)
    cookie = {"name": display.COOKIE, "value": look, "url": url.replace("http:", "https:"), "secure": True}
    visitor.context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[list-item]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("each", [12, pytest.param(1, marks=pytest.mark.nightly)])
def test_x18_each_setting_changes_every_screen_and_320_pixels_still_hold(
    stage: Stage, live: Live, quick_phone: Visitor, each: int
) -> None:
    """Every twelfth screen on each change, all of them at night: one style sheet makes them all."""
    unchanged, too_wide = [], []
    for name, screen in list(SCREENS.items())[::each]:
        page = show(quick_phone, screen, stage, live.url)
        page.wait_for_load_state()
        before = page.evaluate(LOOKS)
        for setting, value in MOST.items():
            page.evaluate("([name, value]) => document.documentElement.dataset[name] = value", [setting, value])
        after = page.evaluate(LOOKS)
        unchanged += [f"{name}: {setting}" for setting in MOST if before[setting] == after[setting]]
        too_wide += [f"{name}: {problem}" for problem in checks.x6_reflow(page)]
        page.close()
    assert unchanged == []
    assert too_wide == []


@pytest.fixture
def long_read(world: World) -> tuple[Person, str]:
    """A long topic of which a member has read 21 posts."""
    group = world.group()
    heron, wren = world.person(group), world.person(group)
    topic = world.topic(heron, "Nights", "The first of many words. " * 20)
    for n in range(2, 31):
        world.reply(heron, topic, f"Post number {n} says some more about nights. " * 8)
    wren.send(f"{conversation_url(topic)}/read", {"seq": "21"})
    return wren, conversation_url(topic)


def test_j3_a_dyslexic_member_reads_a_long_topic(live: Live, phone: Visitor, long_read: tuple[Person, str]) -> None:
    wren, topic = long_read
    sign_in(phone, wren.cookie or "", live.url)
    page = phone.new_page()
    page.goto(f"{live.url}{topic}#unread")
    first_new = page.locator(".cg-post--unread").first
    expect(first_new).to_contain_text("Post number 22")
    assert page.evaluate("document.querySelector('#unread').getBoundingClientRect().top < innerHeight")
    before = page.evaluate(LOOKS)

    page.get_by_role("link", name="How it looks").click()  # the first tap
    page.get_by_role("button", name=re.compile(r"^More\W+Space between")).click()  # the second
    expect(page.locator("html")).to_have_attribute("data-space", "1")
    page.get_by_role("button", name=re.compile("^Lexend")).click()
    expect(page.get_by_role("button", name=re.compile("^Lexend"))).to_have_attribute("aria-current", "true")
    page.wait_for_load_state("networkidle")

    page.get_by_role("link", name="Back to where I was").click()
    page.wait_for_url(f"**{topic}*")
    after = page.evaluate(LOOKS)
    assert {name for name in before if before[name] != after[name]} == {"space", "font"}
    assert page.evaluate("document.fonts.check('1rem Lexend')")
    assert letters_in_a_line(page) <= 70
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{live.url}/")
    assert page.locator("html").get_attribute("data-space") == "1"


def letters_in_a_line(page: Page) -> float:
    """The width of a post's words in widths of a nought, which is what `ch` counts."""
    return float(
        page.evaluate(
            """() => {
            const words = document.querySelector(".cg-post__body p");
            const ruler = words.appendChild(document.createElement("span"));
            ruler.textContent = "0".repeat(100);
            ruler.style = "position: absolute; white-space: nowrap";
            const wide = words.getBoundingClientRect().width / (ruler.getBoundingClientRect().width / 100);
            ruler.remove();
            return wide;
        }"""
        )
    )


def test_j3_the_controls_work_without_scripts_in_two_taps(live: Live, nojs: Visitor) -> None:
    page = nojs.new_page()
    page.goto(f"{live.url}/help")
    page.get_by_role("link", name="How it looks").click()
    page.get_by_role("button", name=re.compile(r"^Largest\W+Size")).click()
    assert page.locator("html").get_attribute("data-size") == "3"
    assert page.get_by_role("button", name=re.compile(r"^Largest\W+Size")).get_attribute("aria-current") == "true"
    page.get_by_role("link", name="Back to where I was").click()
    assert page.url == f"{live.url}/help"
    assert page.locator("html").get_attribute("data-size") == "3"


@pytest.mark.parametrize(("font", "loaded"), [("", 0), ("lexend", 1)])
def test_a_font_is_loaded_by_who_chose_it_and_by_nobody_else(
    live: Live, quick_phone: Visitor, font: str, loaded: int
) -> None:
    choose(quick_phone, live.url, font=font)
    page = quick_phone.new_page()
    page.goto(f"{live.url}/help")
    page.wait_for_load_state("networkidle")
    assert len([r for r in quick_phone.requests if r.url.endswith(".woff2")]) == loaded


@pytest.mark.parametrize("low", ["", "1"])
def test_little_data_means_no_fonts_and_no_asking_for_news(
    live: Live, browser: Browser, long_read: tuple[Person, str], low: str
) -> None:
    wren, topic = long_read
    with visiting(browser, live.url, PHONE) as visitor:
        choose(visitor, live.url, font="lexend", low=low)
        sign_in(visitor, wren.cookie or "", live.url)
        page = visitor.new_page()
        page.clock.install()
        page.goto(live.url + topic)
        page.clock.run_for(61_000)
        page.wait_for_load_state("networkidle")
        asked = [r.url for r in visitor.requests if "/changes" in r.url or r.url.endswith(".woff2")]
        assert bool(asked) is not bool(low)


@pytest.mark.parametrize("on", ["", "1"])
def test_keys_lead_from_post_to_post_only_for_who_switched_them_on(
    live: Live, browser: Browser, long_read: tuple[Person, str], on: str
) -> None:
    wren, topic = long_read
    with visiting(browser, live.url, DESKTOP) as visitor:
        choose(visitor, live.url, keys=on)
        sign_in(visitor, wren.cookie or "", live.url)
        page = visitor.new_page()
        page.goto(f"{live.url}{topic}?page=1")
        where = "document.activeElement.dataset.seq || ''"
        places = []
        for key in ("j", "j", "j", "k"):
            page.keyboard.press(key)
            places.append(page.evaluate(where))
        assert places == (["1", "2", "3", "2"] if on else [""] * 4)
        page.get_by_role("textbox", name="Your words").press_sequentially("jk/?")
        assert page.get_by_role("textbox", name="Your words").input_value() == "jk/?"
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("?")
        page.wait_for_timeout(500)
        assert page.url.endswith("/display#keys") is bool(on)


FILE = """(kind) => {
    const data = new DataTransfer();
    data.items.add(new File(["x"], "cat.png", { type: "image/png" }));
    const event = kind === "paste"
        ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
        : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector("#body").dispatchEvent(event);
    return event.defaultPrevented;
}"""


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_picture_is_refused_kindly_and_can_be_described(
    live: Live, quick_phone: Visitor, long_read: tuple[Person, str], kind: str
) -> None:
    wren, topic = long_read
    sign_in(quick_phone, wren.cookie or "", live.url)
    page = quick_phone.new_page()
    page.goto(live.url + topic)
    box = page.get_by_role("textbox", name="Your words")
    box.fill("Look at her")
    assert page.evaluate(FILE, kind), "the browser would open the file and leave the page"
    expect(page.get_by_text("Pictures and files cannot be sent here.")).to_be_visible()
    page.get_by_role("button", name="Describe the picture in words").click()
    expect(box).to_have_value("Look at her\n\nThe picture shows: …")
    page.keyboard.type("my cat")
    expect(box).to_have_value("Look at her\n\nThe picture shows: my cat")


def test_words_pasted_with_a_picture_of_themselves_are_pasted(
    live: Live, quick_phone: Visitor, long_read: tuple[Person, str]
) -> None:
    """A word processor puts both on the clipboard; its user means the words."""
    wren, topic = long_read
    sign_in(quick_phone, wren.cookie or "", live.url)
    page = quick_phone.new_page()
    page.goto(live.url + topic)
    with_words = FILE.replace("const event", 'data.setData("text/plain", "words"); const event')
    assert not page.evaluate(with_words, "paste")


@pytest.mark.parametrize("screen", ["topic", "rules"])
def test_x20_a_topic_and_the_rules_print_without_what_is_for_screens(
    stage: Stage, live: Live, quick_phone: Visitor, screen: str
) -> None:
    page = show(quick_phone, SCREENS[screen], stage, live.url)
    page.evaluate("(look) => Object.assign(document.documentElement.dataset, look)", {"theme": "dark"})
    page.emulate_media(media="print")
    for chrome in (".cg-bar", ".cg-footer", "form", ".nhsuk-button", ".cg-post__doors", "nav"):
        shown = page.locator(chrome).evaluate_all("all => all.filter((one) => one.getClientRects().length).length")
        assert shown == 0, chrome
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.locator("h1").is_visible()


def test_x20_a_link_in_a_post_prints_with_its_address(world: World, live: Live, quick_phone: Visitor) -> None:
    group = world.group()
    team = world.person(group, Role.FACILITATOR)
    topic = world.topic(team, "Where to ring", "See [their page](https://example.org/help?a=1) for hours.")
    sign_in(quick_phone, team.cookie or "", live.url)
    page = quick_phone.new_page()
    page.goto(live.url + conversation_url(topic))
    link = page.locator(".cg-post__body a").first
    assert json.loads(link.evaluate("(a) => JSON.stringify(getComputedStyle(a, '::after').content)")) in (
        "none",
        "normal",
    )
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    printed = link.evaluate("(a) => getComputedStyle(a, '::after').content + a.textContent")
    assert "(https://example.org/help?a=1)" in printed
