"""Acceptance case 6: one hides while another asks for milder words. One decision stands, and nobody's words are lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from forum.base.db import row, rows
from forum.base.idents import write_ident
from forum.models import Post, PostState, Role
from moderation import report_targets, reports
from moderation.models import CaseKind, Decision
from moderation.reports import Saying
from tests.browser.harness import PHONE, Visitor, visiting
from tests.browser.test_journeys import sign_in
from tests.conftest import Live
from tests.world import Person, World, post_url

pytestmark = pytest.mark.browser

HIDES = "Please leave out the name of the street where you live."
ASKS = "Could you say the same without the name of the street?"


@pytest.fixture
def another(browser: Browser, live: Live) -> Iterator[Visitor]:
    """A second moderator's phone, without scripts too."""
    with visiting(browser, live.url, PHONE, scripts=False) as visitor:
        yield visitor
        assert visitor.problems() == []


def opened(visitor: Visitor, person: Person, url: str, path: str) -> Page:
    sign_in(visitor, person.cookie or "", url)
    page = visitor.new_page()
    page.goto(f"{url}{path}")
    return page


def choose(page: Page, choice: str, words: str) -> None:
    """Fill the form, and read what the author will read."""
    page.locator(f"input[name=choice][value={choice}]").check()
    page.locator("input[name=clause][value=names]").check()
    page.locator("textarea[name=words]").fill(words)
    page.locator("form[action$=decide] button[type=submit], form[action$=decide] button").last.click()
    assert words in page.locator("main").inner_text()
    assert "What the author will read" in page.locator("h1").inner_text()


def test_acceptance_6_one_decision_stands_and_the_other_is_kept_as_a_note(
    world: World, live: Live, nojs: Visitor, another: Visitor
) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    owl, jay = world.person(group, Role.MODERATOR, name="Owl"), world.person(group, Role.MODERATOR, name="Jay")
    post = world.reply(wren, world.topic(heron), "I live in Rose Street.")
    with world.app.app_context():
        item = reports.tell(heron.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying())
    path = f"/cases/{write_ident(item)}"
    second = opened(another, jay, live.url, path)
    second.get_by_role("button", name="I'll look at this").click()
    choose(second, "ask_author", ASKS)
    first = opened(nojs, owl, live.url, path)
    first.get_by_text("Take it over").first.click()
    first.locator("textarea[name=reason]").fill("It should not wait for an hour.")
    first.get_by_role("button", name="Take it over").click()
    choose(first, "hide", HIDES)
    first.get_by_role("button", name="Decide, and let the author read this").click()
    second.get_by_role("button", name="Decide, and let the author read this").click()

    lost = second.locator("main").inner_text()
    assert "Somebody else was first" in lost
    for words in ("Put out of sight", "Owl", HIDES, ASKS, "kept as a note"):
        assert words in lost
    second.goto(f"{live.url}{path}")
    assert ASKS in second.locator("main").inner_text()

    world.moment.go(seconds=11)
    read = wren.get(post_url(post, "decision")).get_data(as_text=True)
    assert HIDES in read
    assert ASKS not in read
    with world.app.app_context():
        assert len(rows(select(Decision.id).where(Decision.item_id == item))) == 1
        state = row(select(Post.state).where(Post.id == post))
    assert state
    assert state.state is PostState.HIDDEN
