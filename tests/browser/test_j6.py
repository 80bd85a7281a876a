"""J6 on a phone, without scripts: a group changes a rule. Proposal, talk, a reason against it, other words, a decision; then
each member reads what changed before they write again. Acceptance case 9: words go by the shorter promise, on
boards and in rooms."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from forum.base import jobs
from forum.base.db import rows
from forum.conversations import fading
from forum.models import Post, Role
from forum.rooms import upkeep
from tests.browser.harness import Visitor
from tests.browser.test_journeys import sign_in
from tests.conftest import Clock, Live
from tests.meeting import gather
from tests.world import GroupHere, Person, World, conversation_url

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


class Table:
    """Five members and a facilitator who hand one phone round."""

    def __init__(self, world: World, live: Live, phone: Visitor) -> None:
        self.world, self._live, self._phone = world, live, phone
        self.group: GroupHere = world.group()
        self.wren, self.heron, self.lark, self.finch, self.owl = (world.person(self.group) for _n in range(5))
        self.lead = world.person(self.group, Role.FACILITATOR)
        self.rules = f"/g/{self.group.address}/rules"

    def at(self, path: str) -> str:
        """Where a path is."""
        return f"{self._live.url}{path}"

    def open(self, person: Person, path: str) -> Page:
        """A page as this person sees it."""
        self._phone.context.clear_cookies()
        sign_in(self._phone, person.cookie or "", self._live.url)
        page = self._phone.new_page()
        page.goto(self.at(path))
        return page

    def wait(self, **delta: float) -> None:
        """Time goes by, and the program does what is due."""
        self.world.moment.go(**delta)
        with self.world.app.app_context():
            jobs.run_due(200)

    def choose(self, person: Person, change: str, words: str = "I can live with this") -> None:
        page = self.open(person, change)
        page.get_by_label(words).check()
        page.get_by_role("button", name="Keep my choice").click()
        expect(page.locator("main")).to_contain_text("Nobody sees what you chose")
        page.close()

    def press(self, person: Person, path: str, button: str) -> None:
        page = self.open(person, path)
        page.get_by_role("button", name=button).click()
        page.wait_for_load_state()  # a tab that closes while its page comes may never close
        page.close()


@pytest.fixture
def table(world: World, live: Live, nojs: Visitor, moment: Clock) -> Table:
    assert moment
    return Table(world, live, nojs)


def second(table: Table, person: Person, change: str) -> None:
    page = table.open(person, change)
    page.get_by_label("Why we should talk about it").fill("I want us to talk about this.")
    page.get_by_role("button", name="Bring it to the group").click()
    expect(page.locator("main")).to_contain_text("We talk about this now.")
    page.close()


def propose_from_library(table: Table, person: Person, offer: str) -> str:
    page = table.open(person, f"{table.rules}/library?topic=keeping")
    page.get_by_role("link", name=f"Propose this rule {offer}").click()
    page.get_by_label("What this means for us, in one sentence").fill("Our talks go away sooner.")
    page.get_by_label("Why you want it").fill("I wrote things here that I do not want to find in a year.")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.locator("main")).to_contain_text("It needs a second person.")
    address = page.url.split(table.group.address, 1)[1].split("?")[0]
    page.close()
    return f"/g/{table.group.address}{address}"


def test_j6_a_group_decides_and_each_member_answers_before_they_write(world: World, table: Table) -> None:
    topic = world.topic(table.finch, "Evening", "A long day.")
    page = table.open(table.wren, f"{table.rules}/propose?rule=be-kind")
    page.get_by_label("The rule in plain words").fill("Write gently. We are all tired here.")
    page.get_by_label("What this means for us").fill("We write more gently.")
    page.get_by_label("Why you want it").fill("Hard words stay for days.")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.locator("main")).to_contain_text("It needs a second person.")
    change = "/g/" + page.url.split("/g/", 1)[1]
    page.close()
    second(table, table.heron, change)
    table.wait(seconds=11)

    page = table.open(table.lark, "/news")  # everybody hears of it, and says something about one rule
    page.get_by_role("link", name="We write more gently.").click()
    page.get_by_label("Say something about it").fill("I like it.")
    page.get_by_label("Hide my name").check()
    page.get_by_role("button", name="Post", exact=True).click()
    page.wait_for_load_state()
    page.close()
    table.wait(days=3)
    page = table.open(table.owl, change)
    expect(page.get_by_role("link", name="About: Be kind")).to_be_visible()
    page.close()
    table.press(table.lead, change, "Let us decide")
    for person in (table.wren, table.heron, table.lark):
        table.choose(person, change)
    table.wait(days=7)
    page = table.open(table.owl, change)
    expect(page.locator("main")).to_contain_text("The group agreed to this.")
    expect(page.locator("main")).to_contain_text("I can live with this: 3")
    page.close()
    table.wait(days=2)
    table.wait(days=7, minutes=1)  # who did not answer by now reads on and does not write

    page = table.open(table.owl, conversation_url(topic))
    expect(page.locator("main")).to_contain_text("A long day.")
    expect(page.locator("main")).to_contain_text("You can read here. Please answer the new rules before you write.")
    page.close()
    left_open(table, topic)
    page = table.open(table.owl, conversation_url(topic))
    page.get_by_role("link", name="Read and answer the rules").click()
    if page.get_by_role("link", name="See what changed, and answer").count():
        page.get_by_role("link", name="See what changed, and answer").first.click()
    expect(page.locator("main")).to_contain_text("We write more gently.")
    expect(page.locator("ins").first).to_be_visible()
    page.get_by_role("button", name="I agree to these rules").click()
    expect(page.locator("main")).to_contain_text("Thank you. You can write here.")
    page.goto(table.at(conversation_url(topic)))
    page.locator("#reply textarea[name=body]").fill("I agree, and here I am.")
    page.locator("#reply").get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("main")).to_contain_text("Your words are kept")
    page.close()


def left_open(table: Table, topic: bytes) -> None:
    """C7: what stays open to somebody who has not agreed: help, telling the team, their own words, the way out."""
    person, group = table.owl, f"/g/{table.group.address}"
    page = table.open(person, f"{group}/help")
    expect(page.locator("a[href^='tel:']").first).to_be_visible()
    page.goto(table.at(conversation_url(topic)))
    page.get_by_role("link", name=re.compile("^More")).first.click()
    page.get_by_role("link", name=re.compile("breaks our rules")).first.click()
    expect(page.locator("main form").first).to_be_visible()
    for path, words in ((f"{group}/ask", "team"), (f"{group}/copy", "copy"), (f"{group}/going", "leave")):
        page.goto(table.at(path))
        expect(page.locator("main")).to_contain_text(re.compile(words, re.IGNORECASE))
        expect(page.locator("h1")).not_to_have_text("First the rules")
    page.close()


def test_acceptance_9_words_go_by_the_shorter_promise_after_a_reason_was_met(world: World, table: Table) -> None:
    old = world.topic(table.finch, "Spring", "Said in spring. canary-9")
    world.settle()
    change = propose_from_library(table, table.wren, "Talks go away after 90 days")
    second(table, table.heron, change)
    table.wait(days=3)
    table.press(table.lead, change, "Let us decide")
    page = table.open(table.lark, change)
    page.get_by_label("Say something about it").fill("I need my words for longer. I forget things.")
    page.get_by_label("This is my reason against it").check()
    page.get_by_label("What should stand there instead?").fill("A year would do.")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("main")).to_contain_text("Your reason counts.")
    page.close()
    for person in (table.wren, table.heron, table.finch):
        table.choose(person, change)
    table.wait(days=7)
    page = table.open(table.wren, change)
    expect(page.locator("main")).to_contain_text("There is a reason against it, so we talk again.")
    page.get_by_role("link", name="Change my proposal").click()
    page.get_by_text("Talks go away after 90 days").first.click()
    page.get_by_label("Name of the rule").locator("visible=true").fill("Talks go away after a year")
    page.get_by_label("The rule in plain words").locator("visible=true").fill(
        "What we write goes a year after the last answer."
    )
    page.get_by_label("A topic goes one year after its last answer.").locator("visible=true").first.check()
    page.get_by_role("button", name="Keep my changes").click()
    expect(page.locator("main")).to_contain_text("Your proposal says this now.")
    expect(page.locator("main")).to_contain_text("The proposal was changed because of it.")
    page.close()
    table.wait(days=3)
    table.press(table.lead, change, "Let us decide")
    for person in (table.wren, table.heron, table.lark):
        table.choose(person, change)
    table.wait(days=7)
    page = table.open(table.finch, f"/g/{table.group.address}/fading")
    before = page.locator("main").inner_text()
    page.close()
    table.wait(hours=48)
    page = table.open(table.finch, f"/g/{table.group.address}/fading")
    after = page.locator("main").inner_text()
    page.close()
    assert before != after
    assert re.search(r"rule \d+", after), "the page names the rule"
    assert re.search(r"\d+ (January|December|November|February)", after), "and when it was agreed"
    later = world.signed_in_again(table.finch)  # their device was away for long
    page = table.open(later, conversation_url(old))
    expect(page.locator("main")).to_contain_text("canary-9")
    page.close()
    for _month in range(12):
        world.moment.go(days=29)
    with world.app.app_context():
        fading.let_go_of_due()
    later = world.signed_in_again(table.finch)
    page = table.open(later, conversation_url(old))
    expect(page.locator("main")).not_to_contain_text("canary-9")
    page.close()
    page = table.open(later, f"/g/{table.group.address}/search?q=canary-9")
    expect(page.locator("main")).not_to_contain_text("Said in spring")
    page.close()


def bodies_with(world: World, canary: str) -> int:
    """How many posts have this in their words, in whichever form the tables keep them."""
    with world.app.app_context():
        return len(rows(select(Post.id).where(Post.body.contains(canary) | Post.html.contains(canary))))


def test_acceptance_9_words_of_rooms_go_within_a_day_after_a_reason_was_met(world: World, table: Table) -> None:
    """From 90 days to the end of a meeting; a reason against it; 24 hours then. Older words go, too: the promise is shorter."""
    before = gather(world, members=1, group=table.group)
    with world.app.app_context():
        before.say(before.members[0], "Said in autumn. canary-old")
    change = propose_from_library(table, table.wren, "Room talk goes when the room shuts")
    second(table, table.heron, change)
    table.wait(days=3)
    table.press(table.lead, change, "Let us decide")
    page = table.open(table.lark, change)
    page.get_by_label("Say something about it").fill("I need notes for memory.")
    page.get_by_label("This is my reason against it").check()
    page.get_by_label("What should stand there instead?").fill("Keep it for a day, so that I can write it down.")
    page.get_by_role("button", name="Post", exact=True).click()
    page.wait_for_load_state()
    page.close()
    voters = (table.wren, table.heron, table.finch, table.owl, before.host)
    for person in voters:
        table.choose(person, change)
    table.wait(days=7)
    page = table.open(table.wren, change)
    page.get_by_role("link", name="Change my proposal").click()
    page.get_by_text("Room talk goes when the room shuts").first.click()
    page.get_by_label("Name of the rule").locator("visible=true").fill("Room talk goes after a day")
    page.get_by_label("The rule in plain words").locator("visible=true").fill("What we say in a room goes after a day.")
    page.get_by_label("Words in live rooms go after a day.").locator("visible=true").first.check()
    page.get_by_role("button", name="Keep my changes").click()
    expect(page.locator("main")).to_contain_text("The proposal was changed because of it.")
    page.close()
    table.wait(days=3)
    table.press(table.lead, change, "Let us decide")
    for person in voters:
        table.choose(person, change)
    table.wait(days=7)
    assert bodies_with(world, "canary-old") == 1, "two days pass before a rule holds"
    table.wait(hours=48)
    with world.app.app_context():
        upkeep.tend()
    assert bodies_with(world, "canary-old") == 0, "the new promise is shorter, so it counts for older words"
    now = gather(world, members=1, group=table.group)
    talker = now.members[0]
    with world.app.app_context():
        now.say(talker, "Said tonight. canary-new")
    page = table.open(talker, now.page)
    expect(page.locator("main")).to_contain_text("canary-new")
    expect(page.locator("main")).to_contain_text(
        re.compile(r"go after a day.*rule \d+, agreed \d+ [A-Z][a-z]+", re.DOTALL)
    )
    page.close()
    table.wait(hours=23)
    with world.app.app_context():
        upkeep.tend()
    assert bodies_with(world, "canary-new") == 1
    table.wait(hours=2)
    with world.app.app_context():
        upkeep.tend()
    assert bodies_with(world, "canary-new") == 0
    page = table.open(talker, now.page)
    expect(page.locator("main")).not_to_contain_text("canary-new")
    page.goto(table.at(f"/g/{table.group.address}/search?q=canary-new"))
    expect(page.locator("main")).not_to_contain_text("Said tonight")
    page.close()
