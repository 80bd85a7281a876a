"""J8 on an old phone: a reply outlives a lost line, a killed tab and an ended session, and becomes one post."""

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Locator, Page, Route, expect
from sqlalchemy import func, select

from forum.base.db import row
from forum.models import Post, SignInKind
from tests.browser.harness import LINE_BYTES_PER_SECOND, LINE_LATENCY_MS, PHONE, SLOW_CPU, Visitor, visiting
from tests.browser.test_journeys import sign_in
from tests.conftest import Live
from tests.security.scene import phrase_in
from tests.world import Moves, World, conversation_url

pytestmark = pytest.mark.browser

BEGUN = "I meant to say that the nights are the worst"
ENDED = BEGUN + ", and that reading here helps."
#: Longer than several tries to save; a whole minute (experience.md J8) at night.
OFFLINE_MS = (15_000, pytest.param(60_000, marks=pytest.mark.nightly))


@pytest.fixture
def phone(browser: Browser, live: Live) -> Iterator[Visitor]:
    """The old phone; its line belongs to the test, which cuts it: two hands on one line do not see each other."""
    with visiting(browser, live.url, PHONE) as visitor:
        yield visitor
        assert visitor.problems() == []


def new_tab(phone: Visitor) -> tuple[Page, CDPSession]:
    """A tab on a slow processor, and its line."""
    page = phone.new_page()
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_CPU})
    cut(line, False)
    return page, line


def cut(line: CDPSession, offline: bool) -> None:
    """Take the line away, or give it back as slow as it was."""
    speed = {"downloadThroughput": LINE_BYTES_PER_SECOND, "uploadThroughput": LINE_BYTES_PER_SECOND}
    line.send("Network.emulateNetworkConditions", {"offline": offline, "latency": LINE_LATENCY_MS, **speed})


def box(page: Page) -> Locator:
    """Where the words are."""
    return page.get_by_role("textbox", name="Your words")


def stored(context: BrowserContext, page: Page) -> list[str]:
    """Everything that the browser itself keeps for this site, but for cookies."""
    kept = page.evaluate("[localStorage.length, sessionStorage.length]")
    databases = page.evaluate("indexedDB.databases ? indexedDB.databases() : []")
    return [str(one) for one in (*filter(None, kept), *databases)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("offline_ms", OFFLINE_MS)
def test_j8_words_outlive_a_lost_line_a_killed_tab_and_an_ended_session(
    world: World, live: Live, phone: Visitor, moment: Moves, offline_ms: int
) -> None:
    group = world.group()
    wren = world.person(group, device=SignInKind.SHARED)
    words = phrase_in(wren.send("/way-back").get_data(as_text=True))
    url = live.url + conversation_url(world.topic(world.person(group)))
    sign_in(phone, wren.cookie or "", live.url)

    page, line = new_tab(phone)
    page.goto(url)
    cut(line, True)
    box(page).press_sequentially(BEGUN)
    state = page.locator("[data-draft-state]")
    expect(state).to_have_text(re.compile("Not saved yet: no connection. Your words are still here."), timeout=20_000)
    page.wait_for_timeout(offline_ms)
    expect(box(page)).to_have_value(BEGUN)
    cut(line, False)
    expect(state).to_have_text("Saved. Only you can see it.", timeout=30_000)
    assert stored(phone.context, page) == []
    page.close(run_before_unload=False)

    moment.go(minutes=40)  # a shared device is signed out by now
    page, line = new_tab(phone)
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Please sign in")
    page.get_by_role("link", name="Sign in", exact=True).click()
    page.get_by_label("Your six words, or their numbers").fill(words)
    page.get_by_role("button", name="Sign in").first.click()
    page.wait_for_url(re.compile(re.escape(url)))
    expect(box(page)).to_have_value(BEGUN)
    box(page).fill(ENDED)
    post_three_times(page, line)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your words are kept", timeout=30_000)

    world.settle()
    with world.app.app_context():
        found = row(select(func.count().label("n")).select_from(Post).where(Post.body == ENDED))
    assert found
    assert found.n == 1
    page.goto(url)
    expect(box(page)).to_have_value("")


def post_three_times(page: Page, line: CDPSession) -> None:
    """Without a line; then the answer is lost on the way; then it arrives."""
    post = page.get_by_role("button", name="Post", exact=True)
    status = page.locator("[data-status]")
    cut(line, True)
    post.click()
    expect(status).to_have_text(re.compile("Not sent yet. You are not online."))
    cut(line, False)

    arrived = threading.Event()

    def lose_the_answer(route: Route) -> None:
        route.fetch(max_redirects=0)
        arrived.set()
        route.abort("aborted")

    page.route("**/posts", lose_the_answer, times=1)
    post.click(no_wait_after=True)
    expect(status).to_have_text(re.compile("Not sent yet. You can try again."), timeout=30_000)
    assert arrived.is_set(), "the server had the words when they were sent once more"
    expect(page.locator("[data-draft-state]")).to_have_text(re.compile("posted already"), timeout=10_000)
    post.click(no_wait_after=True)
