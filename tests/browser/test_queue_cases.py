"""Acceptance cases of the queue, told through the browser: an appeal that overturns, a crowd that reports one person, and
many decided at once. What is tried here is what people see; tests/moderation tries the same on both databases."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select, update

from forum.base.db import row, rows
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.models import Persona, Post, PostState, Restriction, Role, Standing
from moderation import bulk
from moderation.models import CaseItem, CaseKind, Choice, Decision, Effect
from tests import team_work
from tests.browser.harness import PHONE, Visitor, visiting
from tests.browser.test_journeys import sign_in
from tests.conftest import Live
from tests.world import GroupHere, Person, World, conversation_url, post_url, text_of

ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = [pytest.mark.browser, ONE]

WHY = "It reads as if you meant one of us. Please say it without the name."
CROWD = 20


@pytest.fixture
def another(browser: Browser, live: Live) -> Iterator[Visitor]:
    """A second person's phone, without scripts too."""
    with visiting(browser, live.url, PHONE, scripts=False) as visitor:
        yield visitor
        assert visitor.problems() == []


def open_as(visitor: Visitor, person: Person, url: str, path: str) -> Page:
    """Their browser, at one page."""
    sign_in(visitor, person.cookie or "", url)
    page = visitor.new_page()
    page.goto(url + path)
    return page


def settled(world: World, *people: Person) -> None:
    """They were welcomed long ago."""
    with world.app.app_context(), transaction():
        who = Persona.id.in_([person.persona_id for person in people])
        change = update(Persona).where(who).values(standing=Standing.SETTLED)
        here().execute(change.execution_options(synchronize_session=False))


# --- An appeal that overturns ----------------------------------------------------------------------------------------
# Given a post with a link that others answered and marked, put away by Owl; when its author appeals and Jay agrees; then
# words, link, place, answer and mark are as they were, its author is in the standing they had, and all of it was told.


def posts_of(page: Page) -> list[str]:
    """Every post of a topic as its reader gets it: words, links and order."""
    return page.locator("main article.cg-post").evaluate_all("all => all.map(one => one.outerHTML)")


def test_acceptance_an_appeal_that_overturns_brings_words_links_order_and_standing_back(
    world: World, live: Live, nojs: Visitor, another: Visitor
) -> None:
    group = world.group()
    wren, heron = world.person(group, name="Wren"), world.person(group, name="Heron")
    crow = world.person(group, Role.MODERATOR, name="Crow")
    owl, jay = world.person(group, Role.MODERATOR, name="Owl"), world.person(group, Role.MODERATOR, name="Jay")
    settled(world, wren, heron)
    topic = world.topic(heron, "Evening")
    post = world.reply(wren, topic, "I miss *Rosalind*, see https://example.org/rosalind for her picture.")
    with world.app.app_context():  # a link waits until somebody has looked
        (held,) = [one for one in team_work.waiting(crow.actor, group.scope) if one.post_id == post]
        team_work.end(crow.actor, held, Choice.RELEASE)
    answer = world.reply(heron, topic, "I am sorry. What a dog.", answers_id=post)
    heron.send(post_url(post, "bookmark"))
    reader = open_as(another, heron, live.url, f"{conversation_url(topic)}?page=1")
    reader.reload()  # what is new to them is only so once
    before, marked = posts_of(reader), text_of(heron.get(f"/g/{group.address}/mine"))
    assert "example.org" in before[1]
    assert "<em>Rosalind</em>" in before[1]

    team = open_as(nojs, owl, live.url, post_url(post, "look-after"))
    team.locator("input[name=clause][value=be-kind]").check()
    team.locator("textarea[name=words]").fill(WHY)
    team.get_by_role("button", name="Go on").click()
    team.get_by_role("button", name="Decide, and let the author read this").click()
    world.settle()
    reader.reload()
    assert "Rosalind" not in reader.locator("main").inner_text()

    page = open_as(nojs, wren, live.url, post_url(post, "appeal"))
    page.get_by_role("textbox").fill("Rosalind was my dog. I meant nobody here.")
    page.get_by_role("button", name="Send it").click()
    with world.app.app_context():
        item = row(select(CaseItem.id).where(CaseItem.kind == CaseKind.APPEAL))
    assert item
    judge = open_as(nojs, jay, live.url, f"/cases/{write_ident(item.id)}")
    judge.get_by_role("button", name="I'll look at this").click()
    judge.get_by_label("Your words to them").fill("You are right, and we are sorry. It is back.")
    judge.get_by_role("button", name=re.compile("Undo the decision")).click()
    world.settle()

    reader.reload()
    assert posts_of(reader) == before
    reader.goto(live.url + post_url(post))
    assert conversation_url(topic) in reader.url
    assert text_of(heron.get(f"/g/{group.address}/mine")) == marked
    assert post_url(post) in heron.get(f"{conversation_url(topic)}?page=1").text, "the answer still leads to it"
    wren.send(f"{conversation_url(topic)}/posts", {"body": "Thank you all.", "lang": "en"})
    world.settle()
    with world.app.app_context():
        states = rows(select(Post.id, Post.state).where(Post.conversation_id == topic).order_by(Post.seq))
        standing = row(select(Persona.standing).where(Persona.id == wren.persona_id))
    assert [one.id for one in states][1:3] == [post, answer]
    assert {one.state for one in states} == {PostState.VISIBLE}
    assert len(states) == 4
    assert standing
    assert standing.standing is Standing.SETTLED
    assert "They agree with you" in text_of(wren.get(post_url(post, "appeal")))


# --- A crowd that reports one person ---------------------------------------------------------------------------------
# Given twenty accounts that came this week; when each reports the same person; then the team has one thing to look at,
# nobody's words are hidden or folded, the person writes on as before, and nothing tells them of it.


def test_acceptance_twenty_reports_of_one_person_restrict_nobody_and_make_one_item(
    world: World, live: Live, nojs: Visitor
) -> None:
    group = world.group()
    wren, owl = world.person(group, name="Wren"), world.person(group, Role.MODERATOR, name="Owl")
    settled(world, wren)
    topic = world.topic(wren, "Evening", "I had a bad day.")
    post = world.reply(wren, topic, "It is better now.")
    crowd = [world.person(group) for _n in range(CROWD)]
    reads = crowd[0].get(f"{conversation_url(topic)}?page=1").text.partition("<article")[2].partition("<form")[0]
    mine = text_of(wren.get(post_url(post, "more")))
    for n, one in enumerate(crowd):
        form = {"rule": "other", "body": f"Throw them out. {n}"}
        assert one.send(post_url(post, "report-person"), form).status_code == 303

    with world.app.app_context():
        told = (CaseItem.kind == CaseKind.REPORT, CaseItem.decided.is_(False))
        items = rows(select(CaseItem.id).where(*told))
        assert len(items) == 1
        for table in (Decision, Effect, Restriction):
            assert row(select(func.count()).select_from(table))[0] == 0  # type: ignore[index]
    after = crowd[0].get(f"{conversation_url(topic)}?page=1").text.partition("<article")[2].partition("<form")[0]
    assert after == reads
    assert text_of(wren.get(post_url(post, "more"))) == mine
    assert wren.send(f"{conversation_url(topic)}/posts", {"body": "Still here.", "lang": "en"}).status_code == 303
    world.settle()
    assert "Still here." in crowd[1].get(f"{conversation_url(topic)}?page=1").text

    team = open_as(nojs, owl, live.url, f"/g/{group.address}/team")
    assert team.locator(f"main a[href='/cases/{write_ident(items[0].id)}']").count() >= 1
    team.goto(f"{live.url}/cases/{write_ident(items[0].id)}")
    seen = team.locator("main").inner_text()
    assert f"{CROWD} people told us. You do not see who." in seen
    assert not any(one.name in seen for one in crowd)
    team.get_by_role("button", name="I'll look at this").click()
    team.locator("input[name=choice][value=looked]").check()
    team.get_by_role("button", name="Go on").click()
    with world.app.app_context():
        assert rows(select(CaseItem.id).where(*told)) == []
        assert row(select(func.count()).select_from(Restriction))[0] == 0  # type: ignore[index]


# --- Many at once ----------------------------------------------------------------------------------------------------
# Given 51 posts that wait for the same reason; when somebody chooses the 50 that a page shows and lets them through; then
# each has a decision of its own that can be taken back alone, and one waits on. 51 at once are refused, and none is decided.


@pytest.fixture
def waiting(world: World) -> tuple[GroupHere, Person]:
    """One more than can be decided at once."""
    group = world.group()
    wren, owl = world.person(group, name="Wren"), world.person(group, Role.MODERATOR, name="Owl")
    settled(world, wren)
    topic = world.topic(world.person(group), "A quiet topic")
    for n in range(bulk.MOST + 1):
        world.reply(wren, topic, f"This helped me: https://example.org/{n}")
    return group, owl


def boxes_of(world: World, group: GroupHere) -> list[str]:
    """What a form would say to choose each of those that wait, however many there are."""
    with world.app.app_context():
        wanted = (CaseItem.kind == CaseKind.HOLD, CaseItem.decided.is_(False))
        found = rows(select(CaseItem.id, CaseItem.version, CaseItem.claim_gen).where(*wanted))
    return [f"{write_ident(one.id)}.{one.version}.{one.claim_gen}" for one in found]


def test_acceptance_fifty_are_decided_at_once_and_fifty_one_are_not(
    world: World, live: Live, nojs: Visitor, waiting: tuple[GroupHere, Person]
) -> None:
    group, owl = waiting
    together = f"/g/{group.address}/team/together"
    all_of_them = boxes_of(world, group)
    assert len(all_of_them) == bulk.MOST + 1
    refused = owl.send(together, {"kind": "hold", "choice": "release", "chosen": all_of_them})
    assert refused.status_code == 422
    assert "Choose between one and 50." in text_of(refused)
    assert boxes_of(world, group) == all_of_them, "and none of them was decided"

    page = open_as(nojs, owl, live.url, f"{together}?kind=hold")
    boxes = page.locator("input[name=chosen]")
    assert boxes.count() == bulk.MOST
    for box in boxes.all():
        box.check()
    page.locator("input[name=choice][value=release]").check()
    page.get_by_role("button", name="Decide about those I chose").click()
    assert "50 were decided." in page.locator("main").inner_text()
    assert len(boxes_of(world, group)) == 1
    with world.app.app_context():
        made = rows(select(Decision.id, Decision.item_id, Decision.bulk_id).order_by(Decision.id))
    assert len({one.item_id for one in made}) == bulk.MOST
    assert len({one.bulk_id for one in made}) == 1

    page.get_by_role("link", name="Read or undo decision 7", exact=True).click()
    page.get_by_role("button", name="Take it back").click()
    assert "It is taken back." in page.locator("main").inner_text()
    assert len(boxes_of(world, group)) == 2
    with world.app.app_context():
        shown = row(select(func.count()).where(Post.state == PostState.VISIBLE, Post.seq > 1))
    assert shown
    assert shown[0] == bulk.MOST - 1
