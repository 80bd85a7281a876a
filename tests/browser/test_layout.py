"""The layout, components and behaviours that every page inherits, in a real browser under our own security policy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import checks
from tests.browser.harness import DESKTOP, PHONE, Visitor, visiting
from tests.browser.specimen import AWAY, ORIGIN, Specimen
from tests.forum.live.served import soon

pytestmark = pytest.mark.browser

SCREENS = ["topic", "form", "form?errors=1", "errors/page.html"]


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def visitor(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    with visiting(browser, ORIGIN, request.param) as visitor:
        yield visitor
        assert visitor.problems() == []


@pytest.fixture
def served(visitor: Visitor) -> Specimen:
    return Specimen(visitor.context)


@pytest.fixture
def page(visitor: Visitor, served: Specimen) -> Page:
    return visitor.new_page()


@pytest.mark.parametrize("screen", SCREENS)
def test_each_screen_passes_every_check(page, screen):
    page.goto(f"{ORIGIN}/{screen}")
    assert checks.all_problems(page) == []


@pytest.mark.parametrize("theme", ["dark", "cream", "calm"])
@pytest.mark.parametrize("screen", ["topic", "form?errors=1"])
def test_each_theme_reaches_the_higher_contrast(page, screen, theme):
    page.goto(f"{ORIGIN}/{screen}{'&' if '?' in screen else '?'}theme={theme}")
    assert checks.x2_contrast(page) == []


@pytest.mark.parametrize("screen", ["topic", "form"])
def test_mirrored_pages_pass_too(page, screen):
    page.goto(f"{ORIGIN}/{screen}?language=ur")
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    assert checks.all_problems(page) == []


@pytest.mark.parametrize("way", ["button", "first link", "keys"])
def test_leaving_blanks_the_page_at_once_and_leaves_no_step_back(page, way):
    page.goto(f"{ORIGIN}/form")
    page.goto(f"{ORIGIN}/topic")
    press = {
        "button": "document.querySelector('.cg-bar [data-leave]').click()",
        "first link": "document.querySelector('.cg-first').click()",
        "keys": "for (let i = 0; i < 3; i++) document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Shift'}))",
    }[way]
    blank = "[...document.body.children].every((part) => getComputedStyle(part).display === 'none')"
    assert page.evaluate(f"() => {{ {press}; return {blank} }}")
    page.wait_for_url("**/leave")
    page.go_back()
    assert page.url == f"{ORIGIN}/form"


def test_capitals_do_not_count_towards_leaving(page):
    page.goto(f"{ORIGIN}/form")
    page.focus("#title")
    for _capital in range(4):
        page.keyboard.press("Shift+A")
    page.wait_for_timeout(200)
    assert (page.url, page.input_value("#title")) == (f"{ORIGIN}/form", "AAAA")


def test_a_slow_server_is_not_waited_for(page, visitor):
    visitor.allowed.add(AWAY)
    page.goto(f"{ORIGIN}/topic")
    visitor.context.route("**/leave", lambda route: None)  # never answers
    page.click(".cg-bar [data-leave]", no_wait_after=True)
    page.wait_for_url(f"{AWAY}/**", timeout=6000)


def test_changes_arrive_in_their_places_and_the_reader_stays(page):
    page.goto(f"{ORIGIN}/topic")
    page.evaluate("document.querySelector('#post-P6').scrollIntoView()")
    where = "() => document.querySelector('#post-P6').getBoundingClientRect().top"
    before = page.evaluate(where)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("[data-new]:not([hidden])")
    numbers = page.eval_on_selector_all("[data-seq]", "posts => posts.map((post) => Number(post.dataset.seq))")
    assert numbers == [1, 3, 4, 5, 6, 6.5, 7, 8, 99]
    assert "EDITED" in page.inner_text("#post-P1")
    assert abs(page.evaluate(where) - before) < 2
    page.click("[data-new]")
    assert page.evaluate("document.activeElement.id") == "post-P6.5"


def marks_of(served: Specimen) -> list[int]:
    """How far the page said that somebody read."""
    return [int(form["seq"][0]) for path, form in served.sent if path == "/mark"]


def see_the_end_of(page: Page, post: str, milliseconds: int) -> None:
    page.evaluate("(id) => document.querySelector(id).lastElementChild.scrollIntoView({block: 'end'})", post)
    page.wait_for_timeout(milliseconds)


def test_reading_is_told_once_each_end_was_seen_for_a_second(page, served):
    page.goto(f"{ORIGIN}/topic")
    for post in ("#post-P3", "#post-P4", "#post-P5"):
        see_the_end_of(page, post, 2500)  # a second, and what a busy browser is late by
    assert soon(lambda: page.wait_for_timeout(100) or (marks_of(served) or [0])[-1] >= 5, 10)
    assert next(form for path, form in served.sent if path == "/mark")["csrf_token"] == ["token"]


def test_what_was_flicked_past_or_jumped_over_is_not_read(page, served):
    page.goto(f"{ORIGIN}/topic")
    page.evaluate("document.querySelector('#post-P3').lastElementChild.style.marginTop = '300vh'")
    for post in ("#post-P3", "#post-P4", "#post-P5"):
        see_the_end_of(page, post, 150)
    see_the_end_of(page, "#post-P8", 4000)
    assert marks_of(served) == []


def test_a_post_of_which_only_the_beginning_was_seen_is_not_read(page, served):
    page.goto(f"{ORIGIN}/topic")
    page.evaluate("document.querySelector('#post-P3').lastElementChild.style.marginTop = '300vh'")
    page.evaluate("document.querySelector('#post-P3').scrollIntoView()")
    page.wait_for_timeout(4000)
    assert marks_of(served) == []


def test_unsent_words_stay_and_are_said_to_be_unsent(page, visitor, served):
    page.goto(f"{ORIGIN}/form")
    page.fill("#body", "x" * 103)
    assert "3 letters too long" in page.inner_text("[data-status]")
    visitor.context.set_offline(True)
    page.get_by_role("button", name="Post", exact=True).click()
    assert "Not sent yet" in page.inner_text("[data-status]")
    assert page.input_value("#body") == "x" * 103
    assert served.sent == []


def test_a_first_line_left_empty_is_kept(page):
    page.goto(f"{ORIGIN}/form")
    assert page.input_value("#body") == "\nkept"


def test_a_double_tap_sends_once(page, visitor):
    """The second tap comes while the first is on its way; two taps in one moment are one to the browser anyway."""
    page.goto(f"{ORIGIN}/form")
    visitor.context.route("**/send", lambda route: None)  # on its way for as long as this test lasts
    press = "() => { const b = document.querySelector('[action=\"/send\"] button'); b.click(); setTimeout(() => b.click(), 150) }"
    page.evaluate(press)
    page.wait_for_timeout(600)
    assert len([request for request in visitor.requests if request.url.endswith("/send")]) == 1


def test_new_names_come_without_a_new_page(page, served):
    page.goto(f"{ORIGIN}/form")
    page.evaluate("document.querySelector('#names').dataset.old = 1")
    page.click("text=Other names")
    page.wait_for_selector("#names:not([data-old])")
    assert (page.url, [path for path, _form in served.sent]) == (f"{ORIGIN}/form", ["/names"])


def test_errors_take_the_focus(page):
    page.goto(f"{ORIGIN}/form?errors=1")
    assert "error-summary" in page.evaluate("document.activeElement.className")


def test_no_other_script_can_make_markup(browser):
    with visiting(browser, ORIGIN, DESKTOP) as visitor:
        Specimen(visitor.context)
        page = visitor.new_page()
        page.goto(f"{ORIGIN}/topic")
        page.evaluate("try { document.body.innerHTML = '<i>x</i>' } catch (error) { document.title = error.name }")
        assert page.title() == "TypeError"
        assert any("TrustedHTML" in trouble for trouble in visitor.trouble)


def test_the_way_out_is_a_link_that_needs_no_script(browser):
    with visiting(browser, ORIGIN, PHONE, scripts=False) as visitor:
        Specimen(visitor.context)
        page = visitor.new_page()
        page.goto(f"{ORIGIN}/topic")
        page.locator(".cg-bar .cg-leave").click()
        page.wait_for_url("**/leave")
        assert visitor.problems() == []
