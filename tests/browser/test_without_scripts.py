"""X10: everything works as plain pages, and hostile words do nothing in a real browser (S11)."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.models import Role
from tests.browser.harness import DESKTOP, Visitor, visiting
from tests.browser.test_journeys import sign_in
from tests.conftest import Live
from tests.forum.base.xss_corpus import PAYLOADS
from tests.world import Person, World, conversation_url, text_of

pytestmark = pytest.mark.browser


@pytest.fixture
def told(world: World) -> tuple[Person, Person, bytes]:
    """Somebody who writes, somebody who reads, and where."""
    group = world.group()
    return world.person(group), world.person(group), world.topic(world.person(group), "Evening")


def open_as(visitor: Visitor, person: Person, url: str) -> Page:
    sign_in(visitor, person.cookie or "", url)
    return visitor.new_page()


def what_is_read(reader: Person, topic: bytes) -> str:
    """What somebody else gets from the server, whatever the writer's own page says."""
    return text_of(reader.get(conversation_url(topic)))


def test_x10_write_edit_and_take_back_without_scripts(
    world: World, live: Live, nojs: Visitor, told: tuple[Person, Person, bytes]
) -> None:
    writer, reader, topic = told
    page = open_as(nojs, writer, live.url)
    page.goto(live.url + conversation_url(topic))
    page.get_by_role("textbox", name="Your words").fill("First said plainly.")
    page.get_by_role("button", name="Post").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your words are kept")
    assert "First said plainly." not in what_is_read(reader, topic), "others read it before the ten seconds were over"
    world.settle()
    assert "First said plainly." in what_is_read(reader, topic)

    page.goto(live.url + conversation_url(topic))
    page.get_by_role("link", name=re.compile(f"More.*{writer.name}")).click()
    page.get_by_role("link", name=re.compile("Change")).first.click()
    page.get_by_role("textbox").first.fill("Then said better.")
    page.get_by_role("button", name=re.compile("Keep|Save|Change")).first.click()
    seen = what_is_read(reader, topic)
    assert "Then said better." in seen
    assert "First said plainly." not in seen

    page.goto(live.url + conversation_url(topic))
    page.get_by_role("link", name=re.compile(f"More.*{writer.name}")).click()
    page.get_by_role("button", name=re.compile("Take")).first.click()
    assert "Then said better." not in what_is_read(reader, topic)


def test_x10_hiding_my_name_without_scripts(
    world: World, live: Live, nojs: Visitor, told: tuple[Person, Person, bytes]
) -> None:
    writer, reader, topic = told
    page = open_as(nojs, writer, live.url)
    page.goto(live.url + conversation_url(topic))
    page.get_by_role("textbox", name="Your words").fill("Something I say once.")
    page.get_by_label("Hide my name", exact=True).check()
    page.get_by_role("button", name="Post").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your words are kept")
    world.settle()
    seen = what_is_read(reader, topic)
    assert "Something I say once." in seen
    assert writer.name not in seen


@pytest.mark.timeout(300)
def test_sec_s11_hostile_words_do_nothing_in_a_browser(world: World, live: Live, browser: Browser) -> None:
    """The whole corpus, read by a member and by a moderator: no dialog, no script error, no refused script."""
    group = world.group()
    writer, reader, owl = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(world.person(group), "Hostile words")
    with live.app.app_context():
        for n, payload in enumerate(PAYLOADS):
            posting.submit_post(writer.actor, topic, Words(f"{payload}\n\nend {n}"), f"xss{n}")
    for _round in range(len(PAYLOADS) // 20 + 1):
        world.settle()
    for person, paths in ((reader, pages_of(topic)), (owl, [*pages_of(topic), f"/g/{group.address}/team"])):
        with visiting(browser, live.url, DESKTOP) as visitor:
            page = open_as(visitor, person, live.url)
            for path in paths:
                page.goto(live.url + path)
                page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
                assert page.locator("main script, main img, main iframe, main svg, main style").count() == 0, path
            assert visitor.problems() == []


def pages_of(topic: bytes) -> list[str]:
    return [f"{conversation_url(topic)}?page={n}" for n in range(1, len(PAYLOADS) // 20 + 2)]
