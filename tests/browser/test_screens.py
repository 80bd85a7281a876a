"""X1–X10 and X19 on every screen, in every state of the registry. Each role and language once a screen in CI."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.checks import all_problems
from tests.browser.harness import PHONE, Visitor, visiting
from tests.browser.screens import NOT_A_SCREEN, SCREENS, Screen, Stage, set_stage
from tests.conftest import Live
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def stage(world: World) -> Stage:
    return set_stage(world)


@pytest.fixture
def quick_phone(browser: Browser, live: Live) -> Iterator[Visitor]:
    """A phone's screen at full speed: these tests look at pages, not at waiting."""
    with visiting(browser, live.url, PHONE) as visitor:
        yield visitor


def show(visitor: Visitor, screen: Screen, stage: Stage, url: str) -> Page:
    """Open a screen as its person sees it."""
    visitor.context.clear_cookies()
    if person := screen.who(stage):
        cookie = {"name": "__Host-s", "value": person.cookie or "", "url": url.replace("http:", "https:")}
        visitor.context.add_cookies([{**cookie, "secure": True, "httpOnly": True, "sameSite": "Lax"}])
    page = visitor.new_page()
    page.goto(url + screen.path(stage))
    if screen.act:
        page.get_by_role("button", name=screen.act).first.click()
    return page


def test_every_page_has_a_row(world: World) -> None:
    offered = {rule.endpoint for rule in world.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    shown = {screen.endpoint for screen in SCREENS.values()}
    assert offered - shown - set(NOT_A_SCREEN) == set()


@pytest.mark.timeout(900)  # nine checks on forty screens, on a machine that may be busy
def test_x1_to_x9_and_x19_hold_on_every_screen(stage: Stage, live: Live, quick_phone: Visitor) -> None:
    problems = {}
    for name, screen in SCREENS.items():
        page = show(quick_phone, screen, stage, live.url)
        found = all_problems(page)
        if found:
            problems[name] = found
        page.close()
    assert problems == {}
    assert quick_phone.problems() == []


def test_x10_every_screen_reads_without_scripts(stage: Stage, live: Live, browser: Browser) -> None:
    with visiting(browser, live.url, PHONE, scripts=False) as visitor:
        for name, screen in SCREENS.items():
            page = show(visitor, screen, stage, live.url)
            assert page.locator("h1").count() == 1, name
            assert page.locator("aside.cg-crisis a[href^='tel:']").count() > 0, name
            assert page.locator("a[href='/leave']").count() > 0, name
            page.close()
