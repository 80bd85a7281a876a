"""J11: somebody disagrees with a removal. Reason, rule and the way to disagree in two taps; another person decides; all of it
is plain text that stays readable without a line, and works without scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from forum.base.db import row
from forum.base.idents import write_ident
from forum.models import Role
from moderation import usecases as deciding
from moderation.models import CaseItem, CaseKind
from tests.browser.harness import PHONE, Visitor, visiting
from tests.browser.test_journeys import sign_in
from tests.conftest import Live
from tests.world import Person, World, conversation_url, post_url

pytestmark = pytest.mark.browser

WHY = "It reads as if you meant one of us. Please say it without the name."


@pytest.fixture
def another(browser: Browser, live: Live) -> Iterator[Visitor]:
    """A second person's phone, without scripts too."""
    with visiting(browser, live.url, PHONE, scripts=False) as visitor:
        yield visitor
        assert visitor.problems() == []


def open_as(visitor: Visitor, person: Person, url: str) -> Page:
    sign_in(visitor, person.cookie or "", url)
    return visitor.new_page()


def read_without_a_line(visitor: Visitor, page: Page) -> str:
    """What stands on an open page when the line is gone: nothing of it may have to be fetched."""
    visitor.context.set_offline(True)
    seen = page.locator("main").inner_text()
    visitor.context.set_offline(False)
    return seen


def appeal_of() -> str:
    found = row(select(CaseItem.id).where(CaseItem.kind == CaseKind.APPEAL, CaseItem.decided.is_(False)))
    assert found
    return f"/cases/{write_ident(found.id)}"


def test_j11_reason_rule_and_appeal_in_two_taps_and_another_person_decides(
    world: World, live: Live, nojs: Visitor, another: Visitor
) -> None:
    group = world.group()
    wren, heron = world.person(group, name="Wren"), world.person(group, name="Heron")
    owl, jay = world.person(group, Role.MODERATOR, name="Owl"), world.person(group, Role.MODERATOR, name="Jay")
    topic = world.topic(heron, "Evening")
    post = world.reply(wren, topic, "I miss *Rosalind*, my dog.")
    with world.app.app_context():
        deciding.hide_post(owl.actor, post, WHY, "be-kind")
    world.settle()

    page = open_as(nojs, wren, live.url)
    page.goto(f"{live.url}/messages")
    page.locator(f"main a[href='{post_url(post, 'decision')}']").click()  # the first tap
    said = read_without_a_line(nojs, page)
    for words in (
        "The team put your words out of sight",
        WHY,
        "ground rule",
        "You can say no to this until",
        "Rosalind",
    ):
        assert words in said
    page.get_by_role("link", name="I disagree").click()  # the second
    assert "A person looks who had no part in the first decision." in read_without_a_line(nojs, page)
    page.get_by_role("textbox").fill("Rosalind was my dog. I meant nobody here.")
    page.get_by_role("button", name="Send it").click()
    assert "Rosalind was my dog." in read_without_a_line(nojs, page)

    with world.app.app_context():
        appeal = appeal_of()
    assert owl.get(appeal).status_code == 404, "whoever decided looks at it again"
    judge = open_as(another, jay, live.url)
    judge.goto(live.url + appeal)
    judge.get_by_role("button", name="I'll look at this").click()
    seen = read_without_a_line(another, judge)
    assert "Rosalind was my dog." in seen
    assert "Owl" not in seen
    judge.get_by_label("Your words to them").fill("You are right, and we are sorry. It is back.")
    judge.get_by_role("button", name=re.compile("Undo the decision")).click()

    world.settle()
    page.goto(live.url + post_url(post, "appeal"))
    ended = read_without_a_line(nojs, page)
    assert "They agree with you" in ended
    assert "You are right, and we are sorry." in ended
    assert "I miss <em>Rosalind</em>, my dog." in heron.get(conversation_url(topic)).get_data(as_text=True)
    expect(page.locator("main img, main iframe, main canvas, main video")).to_have_count(0)
