"""A frightened newcomer looks first: the card, an example, who can read what; then comes in and writes. On a phone."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from forum.base.idents import write_ident
from tests.browser.harness import DESKTOP, Visitor, visiting
from tests.conftest import Live
from tests.world import World

pytestmark = pytest.mark.browser

WORDS = "I read for a while first. I am glad that I came in."
LONG_LINE = "You are not alone here, and you may say how it really is. "


@pytest.fixture(params=["phone", "nojs"])
def newcomer(request: pytest.FixtureRequest) -> Visitor:
    """An old phone, and a phone whose browser runs no scripts."""
    return request.getfixturevalue(request.param)


def look_first(page: Page, address: str) -> None:
    """Everything that can be read without a name, one tap from the card each."""
    page.goto(address)
    page.get_by_role("link", name=re.compile("Read an example")).click()
    expect(page.get_by_text("The team made these up")).to_be_visible()
    expect(page.get_by_text("Yes, I am here.")).to_be_visible()
    page.get_by_role("link", name="Who can read what").click()
    expect(page.get_by_role("heading", name="Words you posted")).to_be_visible()
    page.get_by_role("link", name="Back to the group").click()
    page.get_by_role("link", name="What it is like inside").click()
    expect(page.get_by_text("Nobody sees if you are there")).to_be_visible()
    page.get_by_role("link", name="Try it where nobody sees you").click()


def practise(page: Page) -> None:
    """Write, hide the name, take the words back."""
    page.get_by_role("textbox", name="Your words").fill("Only trying.")
    page.get_by_label("Hide my name", exact=True).check()
    page.get_by_role("button", name="Try to post").click()
    expect(page.get_by_role("heading", name=re.compile("Someone"))).to_be_visible()
    page.get_by_role("button", name="See somebody answer it").click()
    expect(page.locator("blockquote", has_text="Only trying.")).to_be_visible()
    page.get_by_role("button", name="Take my words back").click()
    expect(page.get_by_text("The author took this post back.")).to_be_visible()
    assert not page.locator(".cg-post", has_text="Only trying.").count()


def test_need_31_a_frightened_newcomer_looks_first_and_then_writes(world: World, live: Live, newcomer: Visitor) -> None:
    group = world.group()
    world.example(group)
    page = newcomer.new_page()
    look_first(page, f"{live.url}/g/{group.address}")
    practise(page)
    assert not newcomer.context.cookies(), "looking and trying leave nothing on the phone"

    page.goto(f"{live.url}/g/{group.address}")
    page.get_by_role("link", name="Write something now").click()
    page.get_by_role("button", name=re.compile("Yes, I have read it")).click()
    page.get_by_label("A short title").fill("Hello")
    page.get_by_role("textbox", name="Your words").fill(WORDS)
    page.get_by_role("button", name="Post").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your words are kept")
    world.settle()
    reader = world.person(group)
    assert "Hello" in reader.get(f"/b/{write_ident(group.board)}").get_data(as_text=True)


def test_help_is_one_tap_from_each_page_and_says_the_numbers_first(world: World, live: Live, nojs: Visitor) -> None:
    page = nojs.new_page()
    page.goto(f"{live.url}/g/{world.group().address}")
    page.get_by_role("link", name="Help with this site").click()
    first = page.locator("main h2").first
    expect(first).to_have_text("If you need someone now")
    page.get_by_role("link", name="Using this forum").click()
    assert page.locator("main svg").count() > 10
    page.get_by_role("link", name="Rate this page or say what is wrong").click()
    page.get_by_label("hard to use or to understand").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")


@pytest.mark.parametrize("lines", [1, 12], ids=["short", "long"])
def test_x20_the_card_prints_on_one_sheet_with_its_code(world: World, live: Live, browser: Browser, lines: int) -> None:
    group = world.group()
    world.configure(
        group, benefits="\n".join([LONG_LINE] * (lines // 2 + 1)), who_for=LONG_LINE * lines, hours="Mondays."
    )
    with visiting(browser, live.url, DESKTOP) as visitor:
        page = visitor.new_page()
        page.goto(f"{live.url}/g/{group.address}/paper")
        sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))
        assert len(sheets) == 1
        page.emulate_media(media="print")
        expect(page.locator("svg.cg-qr")).to_be_visible()
        expect(page.get_by_text(f"/g/{group.address}")).to_be_visible()
        expect(page.get_by_text("To print this page")).to_be_hidden()
        expect(page.get_by_role("link", name="Leave now")).to_be_hidden()
        assert visitor.problems() == []
