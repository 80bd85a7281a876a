"""J4: twenty things, by keyboard alone, two of the team at the same list in two browsers, and nothing decided twice."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select, update

from forum.base.db import rows
from forum.base.transaction import here, transaction
from forum.models import Persona, Role, Standing
from moderation.models import CaseItem, CaseKind, Decision
from tests.browser.harness import DESKTOP, visiting
from tests.browser.test_journeys import sign_in
from tests.browser.test_reading_controls import choose
from tests.conftest import Live
from tests.world import GroupHere, Person, World

#: What is tried here is the browser; tests/moderation tries the list on both databases.
ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = [pytest.mark.browser, ONE]

ITEMS = 20


class Desk:
    """Somebody of the team at a computer, with keys and no mouse."""

    def __init__(self, page: Page, url: str, group: GroupHere) -> None:
        self.page, self.list = page, f"{url}/g/{group.address}/team"
        page.goto(self.list)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def take(self) -> str:
        """The first free thing; gives its address, or "" if there is none."""
        with self.page.expect_navigation():
            self.press("n")
        return self.page.url.partition("#")[0] if "/cases/" in self.page.url else ""

    def release(self) -> None:
        """Read the words, then let them through."""
        self.press("o")
        expect(self.page.get_by_text("example.org").first).to_be_visible()
        self.press("d", "Space")
        expect(self.page.get_by_label("Let it through.", exact=False)).to_be_checked()
        with self.page.expect_navigation():
            self.press("Enter")


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


@pytest.fixture
def waiting(world: World, group: GroupHere) -> list[bytes]:
    """Twenty posts with a link, by somebody who was welcomed long ago."""
    wren = world.person(group, name="Wren")
    with world.app.app_context(), transaction():
        settled = update(Persona).where(Persona.id == wren.persona_id).values(standing=Standing.SETTLED)
        here().execute(settled.execution_options(synchronize_session=False))
    topic = world.topic(world.person(group, Role.FACILITATOR), "A quiet topic")
    for n in range(ITEMS):
        world.reply(wren, topic, f"This helped me: https://example.org/{n}")
        world.moment.go(minutes=7)
    with world.app.app_context():
        found = rows(select(CaseItem.id).where(CaseItem.kind == CaseKind.HOLD))
        return [bytes(r.id) for r in found]


def desk(browser: Browser, live: Live, person: Person, group: GroupHere) -> Iterator[Desk]:
    with visiting(browser, live.url, DESKTOP) as visitor:
        sign_in(visitor, person.cookie or "", live.url)
        choose(visitor, live.url, keys="1")
        yield Desk(visitor.new_page(), live.url, group)
        assert visitor.problems() == []


@pytest.fixture
def owl(world: World, browser: Browser, live: Live, group: GroupHere, waiting: list[bytes]) -> Iterator[Desk]:
    yield from desk(browser, live, world.person(group, Role.MODERATOR, "Owl"), group)


@pytest.fixture
def jay(world: World, browser: Browser, live: Live, group: GroupHere, waiting: list[bytes]) -> Iterator[Desk]:
    yield from desk(browser, live, world.person(group, Role.MODERATOR, "Jay"), group)


def decided(world: World) -> dict[bytes, int]:
    """How often each item was decided."""
    with world.app.app_context():
        found = rows(select(Decision.item_id, func.count().label("n")).group_by(Decision.item_id))
        return {r.item_id: r.n for r in found}


def test_j4_two_people_clear_the_same_twenty_by_keyboard(
    world: World, owl: Desk, jay: Desk, waiting: list[bytes]
) -> None:
    assert len(waiting) == ITEMS
    taken: list[str] = []
    for _n in range(ITEMS // 2):
        mine, theirs = owl.take(), jay.take()
        assert mine
        assert theirs not in ("", mine)
        taken += [mine, theirs]
        for one in (owl, jay):
            one.release()
    assert len(set(taken)) == ITEMS
    assert decided(world) == dict.fromkeys(waiting, 1)
    for one in (owl, jay):
        assert one.take() == ""
        expect(one.page.get_by_text("Nothing free is for you just now.")).to_be_visible()


def test_j4_whoever_is_overtaken_decides_nothing(world: World, owl: Desk, jay: Desk, waiting: list[bytes]) -> None:
    item = owl.take()
    jay.page.goto(item)
    expect(jay.page.get_by_text("Owl looks at this.")).to_be_visible()
    jay.page.locator("summary", has_text="Take it over").focus()
    jay.press("Enter")
    jay.page.get_by_label("Why you take it over").focus()
    jay.page.keyboard.type("Owl went home.")
    jay.press("Tab")
    with jay.page.expect_navigation():
        jay.press("Enter")
    expect(jay.page.get_by_text("You look at this.")).to_be_visible()
    owl.press("d", "Space")
    owl.page.get_by_label("Your words", exact=True).focus()
    owl.page.keyboard.type("I think it is fine.")
    owl.press("Tab")
    with owl.page.expect_navigation():
        owl.press("Enter")
    assert decided(world) == {}
    expect(owl.page.get_by_text("Somebody else of the team").first).to_be_visible()
    expect(owl.page.get_by_text("I think it is fine.")).to_be_visible()
    jay.release()
    assert sorted(decided(world).values()) == [1]


def test_an_open_list_says_what_a_colleague_does(owl: Desk, jay: Desk, world: World, waiting: list[bytes]) -> None:
    """By the hint, long before it would ask by itself."""
    with world.app.app_context(), transaction():
        here().execute(update(Persona).values(joined_on=None).execution_options(synchronize_session=False))
    expect(owl.page.get_by_text(f"{ITEMS} things wait.")).to_be_visible()
    jay.take()
    expect(owl.page.get_by_text("Jay looks at this.")).to_be_visible(timeout=8_000)


def test_keys_rest_until_switched_on(world: World, browser: Browser, live: Live, group: GroupHere, owl: Desk) -> None:
    before = owl.page.url
    choose_off = {"name": "__Host-look", "url": live.url.replace("http:", "https:"), "value": "000000000"}
    owl.page.context.add_cookies([{**choose_off, "secure": True, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[list-item]
    owl.page.reload()
    owl.press("n")
    owl.page.wait_for_timeout(300)
    assert owl.page.url == before


def test_the_keys_can_be_chosen(owl: Desk, live: Live) -> None:
    owl.page.goto(f"{live.url}/display")
    owl.page.get_by_text("Choose the keys yourself").click()
    field = owl.page.get_by_label("For the team: look at the first free thing")
    assert field.input_value() == "n"
    field.fill("j")
    expect(owl.page.get_by_text("no two the same")).to_be_visible()
    field.fill("x")
    expect(owl.page.get_by_text("The keys are kept.")).to_be_visible()
    owl.page.goto(owl.list)
    owl.press("n")
    owl.page.wait_for_timeout(300)
    assert owl.page.url == owl.list
    with owl.page.expect_navigation():
        owl.press("x")
    assert "/cases/" in owl.page.url
