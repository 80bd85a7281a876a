"""X16 in a real browser: Urdu from the first screen to the first post, on narrow phones, and the longer pseudo-language."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import checks
from tests.browser.harness import Visitor, visiting
from tests.conftest import Live
from tests.world import GroupHere, World, conversation_url

pytestmark = pytest.mark.browser

WIDTHS = [320, 360]
#: Nastaliq reaches further up and down than Latin letters; closer lines touch.
LEAST_LINE_HEIGHT = 1.8
TOO_CLOSE = """least => [...document.body.querySelectorAll("*")].filter(element => {
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  const speaks = [...element.childNodes].some(node => node.nodeType === 3 && /[\\u0600-\\u06ff]/.test(node.data));
  return speaks && box.width > 2 && element.closest("[lang]").lang === "ur"
    && !(parseFloat(style.lineHeight) / parseFloat(style.fontSize) >= least);
}).map(element => `${element.tagName} ${element.textContent.trim().slice(0, 40)}`)"""


@pytest.fixture(params=WIDTHS)
def narrow(browser: Browser, live: Live, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """A narrow phone at full speed: these tests look at pages, not at waiting."""
    with visiting(browser, live.url, {"width": request.param, "height": 740}) as visitor:
        yield visitor
        assert visitor.problems() == []


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group(boards=("Say hello", "Hard nights"))


def problems(page: Page, shots: Path, name: str) -> list[str]:
    """What is wrong with one Urdu page; its picture is kept for people to look at."""
    page.screenshot(path=shots / f"{name}.png", full_page=True)
    assert page.evaluate("[document.documentElement.lang, getComputedStyle(document.body).direction]") == ["ur", "rtl"]
    assert page.locator("link[rel=stylesheet][href*='app.rtl-']").count() == 1
    found = [f"lines too close: {what}" for what in page.evaluate(TOO_CLOSE, LEAST_LINE_HEIGHT)]
    page.evaluate("scrollTo(0, 0)")  # axe cannot judge words that lie under the bar
    for check in (checks.x1_axe, checks.x5_targets, checks.x6_reflow, checks.x7_text_size):
        found += check(page)
    return [f"{name}: {what}" for what in found]


def choose_language(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.get_by_role("button", name=name).click()


def test_x16_urdu_reads_well_from_the_first_screen_to_the_first_post(
    world: World, group: GroupHere, live: Live, narrow: Visitor, tmp_path: Path
) -> None:
    page = narrow.new_page()
    choose_language(page, live.url, "اردو")
    found = problems(page, tmp_path, "welcome")
    page.goto(f"{live.url}/g/{group.address}")
    found += problems(page, tmp_path, "card")
    page.get_by_role("link", name="ابھی کچھ لکھیں").click()
    found += problems(page, tmp_path, "join")
    page.get_by_role("button", name=re.compile("Yes, I have read it")).click()
    found += problems(page, tmp_path, "composer")
    page.get_by_label("ایک مختصر عنوان").fill("جاگ رہا ہوں")
    page.get_by_role("textbox", name="آپ کے الفاظ").fill("مجھے آج پھر نیند نہیں آ رہی اور گھر میں کوئی نہیں جاگ رہا۔")
    page.get_by_role("button", name="پوسٹ کریں").click()
    page.wait_for_url("**/sent")
    found += problems(page, tmp_path, "sent")
    world.settle()
    page.get_by_role("link", name="گفتگو پر جائیں").click()
    expect(page.locator(".cg-post__body[lang=ur]")).to_have_count(1)
    found += problems(page, tmp_path, "own topic")
    assert found == []


def test_x16_a_topic_in_two_languages_reads_well(
    world: World, group: GroupHere, live: Live, narrow: Visitor, tmp_path: Path
) -> None:
    writer, member = world.person(group), world.person(group)
    topic = world.topic(
        writer, "A long night", "I could not sleep.\n\n> Somebody said that\n\n- one thing\n- another thing"
    )
    answered = world.reply(member, topic, "میں بھی جاگ رہا ہوں۔\n\n- چائے بنائی\n- پھر کتاب پڑھی", lang="ur")
    world.reply(writer, topic, "شکریہ۔ یہ سن کر اچھا لگا۔", lang="ur", answers_id=answered, masked=True)
    cookie = {"name": "__Host-s", "value": member.cookie or "", "url": live.url.replace("http:", "https:")}
    narrow.context.add_cookies([{**cookie, "secure": True, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[list-item]
    page = narrow.new_page()
    choose_language(page, live.url, "اردو")
    found = problems(page, tmp_path, "home")
    page.goto(live.url + conversation_url(topic))
    found += problems(page, tmp_path, "topic")
    directions = page.locator(".cg-post__body > p, .cg-post__body > ul").evaluate_all(
        "all => all.map(body => getComputedStyle(body).direction)"
    )
    assert directions == ["ltr", "ltr", "rtl", "rtl", "rtl"]
    assert found == []


def test_x16_the_longer_pseudo_language_fits(
    world: World, group: GroupHere, live: Live, narrow: Visitor, tmp_path: Path
) -> None:
    page = narrow.new_page()
    choose_language(page, live.url, "[Ƥşéüðö]")
    for path in ("/", f"/g/{group.address}", f"/g/{group.address}/write", "/sign-in", "/help", "/safe"):
        page.goto(live.url + path)
        page.screenshot(path=tmp_path / f"pseudo{path.replace('/', '-')}.png", full_page=True)
        assert page.evaluate("document.documentElement.lang") == "en-XA"
        assert checks.x6_reflow(page) + checks.x7_text_size(page) == [], path
