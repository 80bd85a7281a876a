"""The checks themselves: each must object to the fault it is for, and to nothing on a sound page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import checks
from tests.browser.harness import DESKTOP, axe, visiting

pytestmark = pytest.mark.browser

NOWHERE = "http://nowhere.test"

SOUND = """<!doctype html><html lang="en"><title>Sound</title><style>
  body { background: #fff; color: #111; font-size: 16px } button { min-width: 60px; min-height: 48px }
  button { border: 2px solid #111; background: #fff; color: #111 } :focus { outline: 4px solid #000 }
</style><main><h1>First</h1><h2>Second</h2><p>Words.</p>
<p><button>One</button></p><p><button>Two</button></p></main></html>"""

FAULTS = {
    "X1": ("<p>Words.</p>", '<p><img src="data:,"></p>'),
    "X2": ("<p>Words.</p>", '<p style="color: #666">Words.</p>'),
    "X3": ("<button>Two", '<button tabindex="1">Two'),
    "X4": ("<button>Two", '<button style="outline: none; border-color: #111 !important">Two'),
    "X5": ("<button>Two", '<button style="min-height: 20px; height: 20px">Two'),
    "X6": ("Words.", "w" * 200),
    "X7": ("<p>Words.</p>", '<p style="height: 20px; overflow: hidden">Words.</p>'),
    "X8": ("<button>Two", '<button style="border: 0">Two'),
    "X9": ("<p>Words.</p>", '<p style="transition: color 1s">Words.</p>'),
    "X19": ("Two</button>", "One</button>"),
}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with visiting(browser, NOWHERE, DESKTOP) as visitor:
        yield visitor.new_page()


def test_a_sound_page_has_no_problem(page):
    page.set_content(SOUND)
    assert checks.all_problems(page) == []


@pytest.mark.parametrize("goal", checks.CHECKS)
def test_each_check_objects_to_its_fault(page, goal):
    sound, fault = FAULTS[goal]
    broken = SOUND.replace(sound, fault)
    assert broken != SOUND
    page.set_content(broken)
    assert checks.CHECKS[goal](page) != []


def test_the_focus_under_a_bar_is_found(page):
    bar = '<div style="position: fixed; inset: 0 0 50% 0; background: #fff">A bar</div>'
    page.set_content(SOUND.replace("</main>", f"{bar}</main>"))
    assert any("is under" in problem for problem in checks.x4_focus(page))


def test_a_keyboard_trap_is_found(page):
    page.set_content(SOUND)
    page.evaluate("document.addEventListener('keydown', (event) => event.preventDefault())")
    assert any("never reached" in problem for problem in checks.x3_keyboard(page))


def test_dialogs_script_errors_and_other_sites_are_noted(browser):
    with visiting(browser, NOWHERE, DESKTOP) as visitor:
        page = visitor.new_page()
        page.set_content('<img src="http://127.0.0.1:9/x.png">')
        page.evaluate("alert('hello')")
        page.evaluate("setTimeout(() => { throw new Error('broken') })")
        page.wait_for_timeout(100)
        assert [trouble.split(":")[0] for trouble in visitor.trouble] == ["dialog", "script error"]
        assert any("127.0.0.1:9" in problem for problem in visitor.problems())


def test_axe_is_refused_where_it_would_never_return(browser):
    with visiting(browser, NOWHERE, DESKTOP, scripts=False) as visitor, pytest.raises(ValueError, match="scripts"):
        axe(visitor.new_page())
