"""X1–X10 and X19 on every screen, in every state of the registry. Every language in the long run."""

from collections.abc import Iterator

import pytest
from flask_babel import gettext
from playwright.sync_api import Browser, Page, expect

from forum.web import language
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


def show(visitor: Visitor, screen: Screen, stage: Stage, url: str, tab: Page | None = None) -> Page:
    """Open a screen as its person sees it.

    :param tab: an open one to take; each new one costs Chromium a process.
    """
    visitor.context.clear_cookies()
    if person := screen.who(stage):
        cookie = {"name": "__Host-s", "value": person.cookie or "", "url": url.replace("http:", "https:")}
        visitor.context.add_cookies([{**cookie, "secure": True, "httpOnly": True, "sameSite": "Lax"}])
    page = tab or visitor.new_page()
    page.mouse.move(-1, -1)  # off what the screen before let it press
    page.goto(url + screen.path(stage))
    for box in page.locator(screen.tick).all() if screen.tick else ():
        box.check()
    if screen.typed[0]:
        page.locator(screen.typed[0]).fill(screen.typed[1])
    screen.meanwhile(stage)
    if screen.act:
        spoken = visitor.language if isinstance(visitor, Speaking) else "en"
        page.get_by_role("button", name=in_language(stage, screen.act, spoken)).first.click()
        page.wait_for_load_state()  # a press ends when the answer begins to come
    return page


def in_language(stage: Stage, said: str, chosen: str) -> str:
    """What a button says to somebody who chose a language; English where nobody translated it yet."""
    with stage.world.app.test_request_context(headers={"Cookie": f"{language.COOKIE}={chosen}"}):
        return gettext(said)


def test_every_page_has_a_row(world: World) -> None:
    offered = {rule.endpoint for rule in world.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    shown = {screen.endpoint for screen in SCREENS.values()}
    assert offered - shown - set(NOT_A_SCREEN) == set()


#: Screens are shared out among so many tests, so that every worker takes some.
SHARES = 12

#: Ten checks on twenty screens and more, on a machine that may be busy.
LOOKING = pytest.mark.timeout(600)


@LOOKING
@pytest.mark.parametrize("share", range(SHARES))
def test_x1_x2_x3_x4_x5_x6_x7_x8_x9_x19_on_every_screen(
    share: int, stage: Stage, live: Live, quick_phone: Visitor
) -> None:
    assert look_at(quick_phone, stage, live.url, share_of(share)) == []
    assert quick_phone.problems() == []


def share_of(share: int) -> dict[str, Screen]:
    """Every twelfth screen: neighbours look alike, and one share is not to have all the heavy ones."""
    return {name: screen for n, (name, screen) in enumerate(SCREENS.items()) if n % SHARES == share}


def look_at(visitor: Visitor, stage: Stage, url: str, screens: dict[str, Screen]) -> list[str]:
    """What every check finds on these screens."""
    tab, found = visitor.new_page(), []
    for name, screen in screens.items():
        page = show(visitor, screen, stage, url, tab)
        found += [f"{name}: {problem}" for problem in all_problems(page)]
    return found


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("chosen", ["ur", "pseudo"])
def test_x1_the_full_matrix_of_languages(stage: Stage, live: Live, browser: Browser, chosen: str) -> None:
    with visiting(browser, live.url, PHONE) as visitor:
        assert look_at(Speaking(visitor, chosen), stage, live.url, SCREENS) == []


class Speaking(Visitor):
    """A visitor who chose a language on the first screen."""

    def __init__(self, visitor: Visitor, chosen: str) -> None:
        super().__init__(visitor.context, visitor.origin)
        self.language = chosen

    def new_page(self) -> Page:
        """A tab in that language."""
        cookie = {"name": "__Host-lang", "value": self.language, "url": self.origin.replace("http:", "https:")}
        self.context.add_cookies([{**cookie, "secure": True, "sameSite": "Lax"}])  # type: ignore[list-item]
        return super().new_page()


#: Each third share each time: what a page needs of scripts hangs on its parts, and these stand on many screens.
@LOOKING
@pytest.mark.parametrize(
    "share", [pytest.param(n, marks=[pytest.mark.nightly] if n % 3 else []) for n in range(SHARES)]
)
def test_x10_every_screen_reads_without_scripts(share: int, stage: Stage, live: Live, browser: Browser) -> None:
    with visiting(browser, live.url, PHONE, scripts=False) as visitor:
        tab = visitor.new_page()
        for name, screen in share_of(share).items():
            page = show(visitor, screen, stage, live.url, tab)
            expect(page.locator("h1"), name).to_have_count(1)
            assert page.locator("aside.cg-crisis a[href^='tel:']").count() > 0, name
            assert page.locator("a[href='/leave']").count() > 0, name
