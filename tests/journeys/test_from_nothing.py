"""From an empty server to a second volunteer, three boards, duty times and a first member, all of it on phones."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import PHONE, Visitor, visiting
from tests.conftest import Live
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ADDRESS = "quiet-harbour"
BOARDS = ("Say hello", "Hard nights", "Small joys")
WORDS = "I have been here for an hour and only read. Hello."


class Phones:
    """A phone of their own for each of the people.

    :param command: what the operator types; gives the answer. :param now: the server's time.
    """

    def __init__(
        self, url: str, browser: Browser, open_: ExitStack, command: Callable[..., str], now: Callable[[], datetime]
    ) -> None:
        self.url, self._browser, self._open, self.command, self.now = url, browser, open_, command, now
        self.all: list[Visitor] = []

    def new(self) -> Page:
        """Somebody else takes part."""
        visitor = self._open.enter_context(visiting(self._browser, self.url, PHONE))
        self.all.append(visitor)
        return visitor.new_page()

    def open(self, page: Page, link: str) -> None:
        """Type in what somebody was given: the path of a link, on the server under test."""
        page.goto(self.url + re.sub(r"^\w+://[^/]+", "", link.strip()))


@pytest.fixture
def phones(world: World, live: Live, browser: Browser) -> Iterator[Phones]:
    def command(*words: str) -> str:
        done = live.app.test_cli_runner().invoke(args=list(words))
        assert done.exit_code == 0, done.output
        return str(done.output)

    with ExitStack() as open_:
        found = Phones(live.url, browser, open_, command, lambda: world.moment.at)
        yield found
        assert [visitor.problems() for visitor in found.all if visitor.problems()] == []


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile(name)).first.click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=re.compile(name)).first.click()


def set_up_second_step(phones: Phones, page: Page) -> pyotp.TOTP:
    """An app on the phone, told its letters."""
    press(page, "Set up my second step")
    letters = "".join(page.locator(".cg-letters code").all_inner_texts())
    app = pyotp.TOTP(letters)
    page.get_by_label("The six digits it shows now").fill(app.at(phones.now()))
    press(page, "Use this second step")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your second step works")
    return app


def become_admin(phones: Phones) -> Page:
    """The operator prints a link; somebody opens it on a phone."""
    page = phones.new()
    phones.open(page, phones.command("admin", "create").splitlines()[0])
    page.get_by_label("Secret sign-in name").fill("somebody careful")
    page.get_by_label("Password").fill("three plain words")
    press(page, "Make my sign-in")
    set_up_second_step(phones, page)
    return page


def make_the_group(phones: Phones, page: Page) -> str:
    """An organisation and a group; gives the link for its first facilitator."""
    phones.open(page, "/admin")
    follow(page, "Make an organisation")
    page.get_by_label("Name of the organisation").fill("Harbour Trust")
    page.get_by_label("England").check()
    page.get_by_label("Who listens outside the teams?").fill("Write to the trustees.")
    press(page, "Make the organisation")
    follow(page, "Make a group")
    page.get_by_label("Harbour Trust").check()
    page.get_by_label("Name of the group").fill("Quiet Harbour")
    page.get_by_label("Its address").fill(ADDRESS)
    page.get_by_label("What people get out of it").fill("You are not alone here.")
    page.get_by_label("Who it is for").fill("Anyone who cares for somebody.")
    press(page, "Make the group")
    expect(page.get_by_text("Its team is setting it up.")).to_be_visible()
    press(page, "Make a link for a facilitator")
    return page.locator("main code").inner_text()


def take_the_role(phones: Phones, link: str) -> Page:
    """Come in by answering the ground rules as everyone does, then take the role."""
    page = phones.new()
    phones.open(page, link)
    press(page, "Come in")
    press(page, "Yes, I have read it")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("No such page")
    phones.open(page, link)
    press(page, "Yes, I take the role")
    return page


def set_the_group_up(phones: Phones, page: Page) -> str:
    """Everything of the list but the second person; gives the link for that one."""
    phones.open(page, f"/g/{ADDRESS}/setup")
    follow(page, "Write the group's page")
    page.get_by_label("Who looks after it").fill("Mo, who has cared for her father.")
    page.get_by_label("When somebody is here, in words").fill("Mondays from 7 to 9.")
    save(page, "See what changes")
    for name in BOARDS:
        phones.open(page, f"/g/{ADDRESS}/boards")
        follow(page, "Make a board")
        page.get_by_label("Name of the board").fill(name)
        save(page, "See what it does")
    for step in ("Read the ground rules", "Check the numbers for a crisis"):
        phones.open(page, f"/g/{ADDRESS}/setup")
        follow(page, step)
        press(page, "I have (read|checked) them")
    follow(page, "Set the duty times")
    page.get_by_label("From", exact=True).first.fill("19:00")
    page.get_by_label("To", exact=True).first.fill("21:00")
    press(page, "Add this time")
    phones.open(page, f"/g/{ADDRESS}/setup")
    follow(page, "Set up your second step")
    set_up_second_step(phones, page)
    return link_for_a_second_person(phones, page)


def save(page: Page, first: str) -> None:
    """See what it means for people, then mean it."""
    press(page, first)
    press(page, "Yes, save it")


def link_for_a_second_person(phones: Phones, page: Page) -> str:
    phones.open(page, f"/g/{ADDRESS}/setup")
    follow(page, "Have a second person")
    page.get_by_label("Moderator").check()
    press(page, "Make a link")
    return page.locator("main .nhsuk-inset-text").inner_text()


def test_need_100_from_an_empty_server_to_a_first_member(phones: Phones, world: World) -> None:
    stranger = phones.new()
    phones.open(stranger, "/")
    expect(stranger.get_by_text("There is no group here yet.")).to_be_visible()
    facilitator, second = begin_a_group(phones)
    phones.open(stranger, f"/g/{ADDRESS}")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("No such page")

    moderator = take_the_role(phones, second)
    open_the_group(phones, facilitator)
    come_in_and_write(phones, stranger)
    expect(stranger.get_by_text("The next person looks today at 19:00.")).to_be_visible()
    world.settle()
    phones.open(moderator, f"/g/{ADDRESS}")
    for name in BOARDS:
        expect(moderator.get_by_role("link", name=name)).to_be_visible()
    follow(moderator, BOARDS[0])
    follow(moderator, "A first hello")
    expect(moderator.get_by_text(WORDS)).to_be_visible()


def begin_a_group(phones: Phones) -> tuple[Page, str]:
    """An admin makes a group; its facilitator sets it up. Gives their page, and the link for a second person."""
    facilitator = take_the_role(phones, make_the_group(phones, become_admin(phones)))
    return facilitator, set_the_group_up(phones, facilitator)


def open_the_group(phones: Phones, facilitator: Page) -> None:
    phones.open(facilitator, f"/g/{ADDRESS}/setup")
    press(facilitator, "Open the group")
    expect(facilitator.get_by_text("Your group is open")).to_be_visible()


def come_in_and_write(phones: Phones, page: Page) -> None:
    """The first member finds the group on the first page."""
    phones.open(page, "/")
    follow(page, "Quiet Harbour")
    expect(page.get_by_text("Mondays from 7 to 9.")).to_be_visible()
    follow(page, "Write something now")
    press(page, "Yes, I have read it")
    page.get_by_label("A short title").fill("A first hello")
    page.get_by_role("textbox", name="Your words").fill(WORDS)
    press(page, "Post")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your words are kept")
