"""What an author reads when the gate is in trouble, on an old phone and without scripts (decisions.md §8)."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from forum.base.db import rows
from forum.models import Post, PostState
from forum.policy import gate
from moderation.gate import ModerationGate
from tests.browser.harness import Visitor
from tests.conftest import Live
from tests.faults.child import BrokenDecide, BrokenRecord, BrokenScreen
from tests.world import Person, World, conversation_url

pytestmark = pytest.mark.browser

WORDS = "Please read this tonight.\nIt took me an hour to write <it>."
SLOW_S = 2.0


class SlowGate(ModerationGate):
    """Takes two seconds over each text."""

    def screen(self, body: str, words: frozenset[str], lang: str) -> object:
        """Others are served by other threads of this server meanwhile."""
        time.sleep(SLOW_S)
        return super().screen(body, words, lang)


@pytest.fixture(params=["phone", "nojs"])
def author(request: pytest.FixtureRequest) -> Visitor:
    """Somebody on an old phone; somebody without scripts."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def page(world: World, live: Live, author: Visitor) -> Iterator[Page]:
    """A topic with the form to answer in, opened by a member."""
    group = world.group()
    wren = world.person(group)
    topic = world.topic(world.person(group))
    enter(author, wren, live)
    opened = author.new_page()
    opened.goto(live.url + conversation_url(topic))
    yield opened
    gate.plug(ModerationGate())


def enter(visitor: Visitor, person: Person, live: Live) -> None:
    """Give this browser somebody's sign-in. A `__Host-` cookie can be put in only as if it came over https."""
    cookie = {"name": "__Host-s", "value": person.cookie or "", "url": live.url.replace("http:", "https:")}
    visitor.context.add_cookies([{**cookie, "secure": True, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[list-item]


def post(page: Page) -> None:
    page.get_by_role("textbox", name="Your words").fill(WORDS)
    page.get_by_role("button", name="Post", exact=True).click()


def kept(world: World) -> list[PostState]:
    with world.app.app_context():
        return [PostState(r.state) for r in rows(select(Post.state).where(Post.body == WORDS))]


@pytest.mark.parametrize("broken", [BrokenScreen, BrokenDecide])
def test_a_gate_that_raises_the_author_reads_that_somebody_looks_first(
    world: World, page: Page, broken: type[ModerationGate]
) -> None:
    gate.plug(broken())
    post(page)
    expect(page).to_have_url(re.compile("/sent$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your words are kept")
    expect(page.get_by_text("A person from the team reads them first.")).to_be_visible()
    page.get_by_role("link", name="Go to the conversation").click()
    expect(page.get_by_text("It took me an hour to write <it>.")).to_be_visible()
    assert kept(world) == [PostState.HELD]


def test_a_gate_that_cannot_record_the_author_has_the_words_in_a_box(world: World, page: Page) -> None:
    gate.plug(BrokenRecord())
    post(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Something went wrong here")
    expect(page.get_by_text("They are not sent yet.")).to_be_visible()
    assert page.locator("textarea").input_value() == WORDS
    expect(page.locator("aside.cg-crisis a").first).to_be_visible()
    assert kept(world) == []

    gate.plug(ModerationGate())
    page.go_back()
    post(page)
    expect(page).to_have_url(re.compile("/sent$"))
    assert kept(world) == [PostState.SENDING]


def test_a_gate_that_is_slow_the_author_arrives_all_the_same(world: World, page: Page) -> None:
    gate.plug(SlowGate())
    began = time.monotonic()
    post(page)
    expect(page).to_have_url(re.compile("/sent$"), timeout=20_000)
    assert time.monotonic() - began >= SLOW_S
    expect(page.get_by_role("heading", level=1)).to_have_text("Your words are kept")
    assert kept(world) == [PostState.SENDING]
