"""X1–X10 and X19 on every screen, in every state of the registry. Each role and language once a screen in CI."""

from collections.abc import Iterator

import pytest
from flask_babel import gettext
from playwright.sync_api import Browser, Page

from forum.web import language
from tests.browser.checks import CHECKS
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
    if screen.tick:
        page.locator(screen.tick).check()
    if screen.typed[0]:
        page.locator(screen.typed[0]).fill(screen.typed[1])
    if screen.act:
        spoken = visitor.language if isinstance(visitor, Speaking) else "en"
        page.get_by_role("button", name=in_language(stage, screen.act, spoken)).first.click()
    return page


def in_language(stage: Stage, said: str, chosen: str) -> str:
    """What a button says to somebody who chose a language; English where nobody translated it yet."""
    with stage.world.app.test_request_context(headers={"Cookie": f"{language.COOKIE}={chosen}"}):
        return gettext(said)


def test_every_page_has_a_row(world: World) -> None:
    offered = {rule.endpoint for rule in world.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    shown = {screen.endpoint for screen in SCREENS.values()}
    assert offered - shown - set(NOT_A_SCREEN) == set()


_findings: dict[str, list[str]] = {}


@pytest.fixture
def findings(stage: Stage, live: Live, quick_phone: Visitor) -> dict[str, list[str]]:
    """What each check found on each screen; looked at once for all the tests below."""
    if not _findings:
        _findings.update(look_at_all(quick_phone, stage, live.url))
        assert quick_phone.problems() == []
    return _findings


def look_at_all(visitor: Visitor, stage: Stage, url: str) -> dict[str, list[str]]:
    """Every check on every screen, by goal."""
    found: dict[str, list[str]] = {goal: [] for goal in CHECKS}
    for name, screen in SCREENS.items():
        page = show(visitor, screen, stage, url)
        for goal, check in CHECKS.items():
            found[goal] += [f"{name}: {problem}" for problem in check(page)]
        page.close()
    return found


#: Nine checks on forty screens, on a machine that may be busy; whichever test comes first waits for them.
LOOKING = pytest.mark.timeout(900)


@LOOKING
def test_x1_no_axe_violation_on_any_screen(findings: dict[str, list[str]]) -> None:
    assert findings["X1"] == []


@LOOKING
def test_x2_contrast_is_enhanced_on_every_screen(findings: dict[str, list[str]]) -> None:
    assert findings["X2"] == []


@LOOKING
def test_x3_the_keyboard_reaches_everything(findings: dict[str, list[str]]) -> None:
    assert findings["X3"] == []


@LOOKING
def test_x4_focus_is_seen_and_not_covered(findings: dict[str, list[str]]) -> None:
    assert findings["X4"] == []


@LOOKING
def test_x5_targets_are_large_enough(findings: dict[str, list[str]]) -> None:
    assert findings["X5"] == []


@LOOKING
def test_x6_pages_fit_320_pixels(findings: dict[str, list[str]]) -> None:
    assert findings["X6"] == []


@LOOKING
def test_x7_text_grows_without_being_cut(findings: dict[str, list[str]]) -> None:
    assert findings["X7"] == []


@LOOKING
def test_x8_forced_colours_keep_every_control(findings: dict[str, list[str]]) -> None:
    assert findings["X8"] == []


@LOOKING
def test_x9_nothing_moves_for_those_who_asked(findings: dict[str, list[str]]) -> None:
    assert findings["X9"] == []


@LOOKING
def test_x19_headings_landmarks_and_names(findings: dict[str, list[str]]) -> None:
    assert findings["X19"] == []


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("chosen", ["ur", "pseudo"])
def test_x1_the_full_matrix_of_languages(stage: Stage, live: Live, browser: Browser, chosen: str) -> None:
    with visiting(browser, live.url, PHONE) as visitor:
        found = look_at_all(Speaking(visitor, chosen), stage, live.url)
    assert {goal: problems for goal, problems in found.items() if problems} == {}


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


def test_x10_every_screen_reads_without_scripts(stage: Stage, live: Live, browser: Browser) -> None:
    with visiting(browser, live.url, PHONE, scripts=False) as visitor:
        for name, screen in SCREENS.items():
            page = show(visitor, screen, stage, live.url)
            assert page.locator("h1").count() == 1, name
            assert page.locator("aside.cg-crisis a[href^='tel:']").count() > 0, name
            assert page.locator("a[href='/leave']").count() > 0, name
            page.close()
