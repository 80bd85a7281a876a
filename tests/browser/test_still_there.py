"""X15: nobody is signed out without warning. Two minutes before, the page asks; whoever types is not asked at all."""

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from forum.base import clock
from forum.base.db import row
from forum.models import SignIn, SignInKind
from forum.web import sign_ins
from tests.browser import checks
from tests.browser.harness import Visitor
from tests.browser.test_journeys import sign_in
from tests.conftest import Live
from tests.world import Moves, Person, World, conversation_url

pytestmark = pytest.mark.browser

MINUTE_MS = 60_000


class Watched:
    """Somebody's page on a shared phone. Its clock and the server's go together."""

    def __init__(self, world: World, live: Live, visitor: Visitor, moment: Moves, person: Person, path: str) -> None:
        self._world, self._moment, self._person = world, moment, person
        sign_in(visitor, person.cookie or "", live.url)
        self.page: Page = visitor.new_page()
        self.page.clock.install()
        self.page.goto(live.url + path)

    @property
    def asked(self) -> Locator:
        return self.page.get_by_role("alertdialog")

    def minute(self) -> None:
        self._moment.go(minutes=1)
        self.page.clock.run_for(MINUTE_MS)
        self.page.wait_for_timeout(150)  # what the page asked of the server meanwhile comes back

    def left(self) -> timedelta:
        """How long the server goes on knowing them, if they do nothing."""
        assert self._person.cookie
        with self._world.app.app_context():
            found = row(select(SignIn.ends_on).where(SignIn.cookie_sha256 == sign_ins.hash_of(self._person.cookie)))
            assert found
            return found.ends_on - clock.now()

    def wait(self, most: int = 30) -> int:
        """Until the page asks; gives the minutes."""
        for n in range(1, most):
            self.minute()
            if self.asked.is_visible():
                return n
        raise AssertionError("nobody was asked")


@pytest.fixture
def watched(world: World, live: Live, desktop: Visitor, moment: Moves) -> Watched:
    person = world.person(world.group(), device=SignInKind.SHARED)
    return Watched(world, live, desktop, moment, person, "/display")


def test_x15_two_minutes_before_the_end_somebody_is_asked_and_can_stay(watched: Watched) -> None:
    assert watched.wait() >= 18
    assert timedelta(seconds=55) < watched.left() <= timedelta(minutes=2, seconds=5)
    expect(watched.asked).to_have_accessible_name("Are you still there?")
    expect(watched.asked).to_have_accessible_description(
        "Others may use this device. So we sign you out in two minutes."
    )
    stay = watched.page.get_by_role("button", name="Stay signed in")
    expect(stay).to_be_focused()
    assert checks.x1_axe(watched.page) == []
    assert checks.x6_reflow(watched.page) == []
    stay.press("Enter")
    expect(watched.asked).to_be_hidden()
    assert watched.left() >= timedelta(minutes=18)
    assert watched.wait() >= 17, "and is asked again"


def test_x15_who_does_not_answer_is_signed_out_and_the_page_says_so(watched: Watched) -> None:
    watched.wait()
    watched.minute()
    watched.minute()
    watched.minute()
    expect(watched.asked).to_have_accessible_name("You are signed out")
    assert watched.left() < timedelta(0)
    watched.page.get_by_role("button", name="Close this message").press("Enter")
    expect(watched.asked).to_be_hidden()


def test_x15_who_types_is_never_asked_and_stays(world: World, live: Live, desktop: Visitor, moment: Moves) -> None:
    """A form without a draft: nothing but the page itself says that somebody is still there."""
    wren = world.person(world.group(), device=SignInKind.SHARED)
    there = Watched(world, live, desktop, moment, wren, "/feedback")
    field = there.page.get_by_role("textbox").first
    for n in range(30):
        field.press_sequentially("a")
        there.minute()
        assert there.asked.is_hidden(), n
    assert there.left() > timedelta(minutes=10)
    assert field.input_value() == "a" * 30


def test_x15_what_is_sent_after_the_end_stays_on_the_screen(world: World, moment: Moves) -> None:
    wren = world.person(world.group(), device=SignInKind.SHARED)
    topic = world.topic(world.person(wren.group))
    moment.go(minutes=40)
    answer = wren.send(f"{conversation_url(topic)}/posts", {"body": "Not lost at all.", "token": "t" * 26})
    assert answer.status_code == 401
    said = answer.get_data(as_text=True)
    assert "Your words are still on your screen" in said
    assert "Not lost at all." in said


def test_x15_ones_own_phone_is_not_asked(world: World, live: Live, desktop: Visitor) -> None:
    wren = world.person(world.group())
    sign_in(desktop, wren.cookie or "", live.url)
    page = desktop.new_page()
    page.goto(live.url + "/display")
    expect(page.locator("[role=alertdialog]")).to_have_count(0)
