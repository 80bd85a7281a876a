"""A flood hides nothing: the lists of what waits go on, page by page, also while somebody clears them."""

import re

import pytest
from sqlalchemy import update

from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.conversations import outside, team
from forum.conversations.prepare import Words
from forum.models import Persona, Role, Standing
from moderation import decisions, queue
from moderation.decisions import Verdict
from moderation.models import Choice
from tests.world import GroupHere, Person, World, text_of

HELD = "Look at https://example.org please."


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAGE", 3)
    monkeypatch.setattr(outside, "MOST_LISTED", 3)


def settled(world: World, group: GroupHere) -> Person:
    """Somebody whose first words were welcomed long ago."""
    person = world.person(group)
    with world.app.app_context(), transaction():
        here().execute(update(Persona).where(Persona.id == person.persona_id).values(standing=Standing.SETTLED))
    return person


def pages(person: Person, path: str, link: str) -> list[list[str]]:
    """What each page lists, following its way to the next one."""
    found: list[list[str]] = []
    onward: re.Match[str] | None = re.match("(.*)", path)
    while onward:
        assert len(found) < 9, "the pages come to an end"
        page = person.get(onward[1].replace("&amp;", "&")).get_data(as_text=True)
        found.append(re.findall(rf'href="{link}/([a-z2-7]{{26}})"', page))
        onward = re.search(r'rel="next" href="([^"]+)"', page)
    return found


@pytest.mark.parametrize(("waiting", "sizes"), [(3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
def test_every_post_that_waits_is_on_a_page(world: World, waiting: int, sizes: list[int]) -> None:
    group = world.group()
    wren, owl = settled(world, group), world.person(group, Role.MODERATOR)
    topic = world.topic(owl)
    for n in range(waiting):
        world.reply(wren, topic, f"{HELD} {n}")
    found = pages(owl, f"/g/{group.address}/team", "/cases")
    assert [len(one) for one in found] == sizes
    assert len({case for one in found for case in one}) == waiting
    assert f"{waiting} things wait." in text_of(owl.get(f"/g/{group.address}/team"))


def test_whoever_clears_a_page_misses_nothing_on_the_next(world: World) -> None:
    group = world.group()
    wren, owl = settled(world, group), world.person(group, Role.MODERATOR)
    topic = world.topic(owl)
    for n in range(5):
        world.reply(wren, topic, f"{HELD} {n}")
    with world.app.app_context():
        first = queue.list_open(owl.actor, group.scope).lines
        expected = [c.id for c in queue.list_open(owl.actor, group.scope, after=first[-1].id).lines]
        for case in first:
            decisions.decide(owl.actor, case.id, Verdict(Choice.RELEASE, 0))
        assert [c.id for c in queue.list_open(owl.actor, group.scope, after=first[-1].id).lines] == expected
        assert len(expected) == 2
        for case_id in expected:
            decisions.decide(owl.actor, case_id, Verdict(Choice.RELEASE, 0))
    page = text_of(owl.get(f"/g/{group.address}/team?after={write_ident(first[-1].id)}"))
    assert "Nothing waits." in page


def test_sec_s22_a_case_of_another_group_is_no_place_to_go_on_from(world: World) -> None:
    """Nor is nonsense: both show the beginning."""
    group, far = world.group(), world.group()
    owl, far_owl = world.person(group, Role.MODERATOR), world.person(far, Role.MODERATOR)
    world.reply(settled(world, far), world.topic(far_owl), HELD)
    world.moment.go(days=1)
    world.reply(settled(world, group), world.topic(owl), HELD)
    with world.app.app_context():
        (theirs,) = queue.list_open(far_owl.actor, far.scope).lines
        ours = [c.id for c in queue.list_open(owl.actor, group.scope).lines]
        assert [c.id for c in queue.list_open(owl.actor, group.scope, after=theirs.id).lines] == ours
        assert len(ours) == 1
    assert "1 thing waits." in text_of(owl.get(f"/g/{group.address}/team?after=nonsense"))


def reported(world: World, group: GroupHere, times: int) -> None:
    """Somebody tells the organisation so often."""
    wren = world.person(group)
    with world.app.app_context():
        line = team.write_to_team(wren.actor, group.scope, Words("Hello?"), "t").conversation_id
    world.settle()
    for n in range(times):
        with world.app.app_context():
            outside.report_line(wren.actor, line, f"They laugh at me. {n}")


def test_every_report_is_on_a_page_also_when_some_are_seen_to_meanwhile(world: World) -> None:
    group = world.group()
    admin = world.admin(group.scope.organisation_id)
    reported(world, group, 7)
    first, second, third = pages(admin, "/admin/reports", "/admin/reports")
    assert (len(first), len(second), len(third)) == (3, 3, 1)
    assert len({*first, *second, *third}) == 7
    for ref in first:
        assert admin.send(f"/admin/reports/{ref}/handled").status_code == 303
    after = f"/admin/reports?after={first[-1]}"
    assert pages(admin, after, "/admin/reports") == [second, third]
    assert pages(admin, "/admin/reports", "/admin/reports") == [second, third]
    assert pages(admin, "/admin/reports?seen=1", "/admin/reports") == [first]


def test_sec_s22_a_report_that_is_not_theirs_is_no_place_to_go_on_from(world: World) -> None:
    """For an admin who is of the team, and for one of another organisation: each page says as much as the first."""
    group, far = world.group("Harbour Trust"), world.group("Lantern Trust")
    admin, far_admin = world.admin(group.scope.organisation_id), world.admin(far.scope.organisation_id)
    of_team = world.join(world.admin(group.scope.organisation_id), group, Role.FACILITATOR)
    reported(world, group, 4)
    (first, _second) = pages(admin, "/admin/reports", "/admin/reports")
    for person in (far_admin, of_team):
        assert pages(person, "/admin/reports", "/admin/reports") == [[]]
        after = f"/admin/reports?after={first[-1]}"
        assert "No report waits." in text_of(person.get("/admin/reports"))
        assert pages(person, after, "/admin/reports") == [[]]
