"""“Someone here may know me”, told by an observer who kept every page from before: nothing later leads to the old name.

The observer is a member and, in the other run, of the team. They look at each page they can open, before and after.
"""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.base import jobs
from forum.base.db import rows
from forum.base.idents import write_ident, write_post_id
from forum.conversations import put_away
from forum.models import Post, Restriction, Role
from moderation import usecases as deciding
from tests.anonymity.traces import everything
from tests.world import GroupHere, Person, World, conversation_url, post_url, text_of

OLD, NEW = "Mossy Heron", "Tidy Wagtail"


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


def run_jobs(world: World) -> None:
    with world.app.app_context():
        while jobs.run_due():
            pass


def hide(wren: Person, hidden: str = "apart") -> None:
    assert wren.group
    assert wren.send(f"/g/{wren.group.address}/known", {"hidden": hidden}).status_code == 303


def begin_afresh(wren: Person, name: str = NEW) -> None:
    assert wren.group
    answer = wren.send(f"/g/{wren.group.address}/known/name", {"own_name": name})
    assert answer.status_code == 303, text_of(answer)


def pages_of(observer: Person, topics: list[bytes]) -> dict[str, str]:
    """Every page about the group that the observer can open."""
    assert observer.group
    address = observer.group.address
    paths = ["/", f"/g/{address}", f"/g/{address}/people", f"/g/{address}/team", f"/g/{address}/who-reads"]
    paths += [f"/g/{address}/lines", f"/g/{address}/duty", f"/b/{write_ident(observer.group.board)}"]
    paths += [conversation_url(topic) for topic in topics]
    with observer.world.app.app_context():
        for r in rows(select(Post.id)):
            paths += [post_url(r.id, "more"), post_url(r.id, "look-after"), post_url(r.id, "report")]
    return {path: observer.get(path).get_data(as_text=True) for path in paths}


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MODERATOR, Role.FACILITATOR])
def test_an_observer_with_every_page_from_before_joins_nothing_to_the_old_name(
    world: World, group: GroupHere, role: Role
) -> None:
    wren, heron, observer = world.person(group, name=OLD), world.person(group), world.person(group, role)
    if role is Role.FACILITATOR:
        world.person(group, role)
    topics = [world.topic(wren, "A plum title", "The plum canary."), world.topic(heron)]
    named = world.reply(wren, topics[1], "Another plum.")
    aliased = world.reply(wren, topics[1], "A hidden plum.", masked=True)
    pages_of(observer, topics)
    hide(wren)
    begin_afresh(wren)
    world.moment.go(hours=2)
    said = world.reply(_as_now(wren), topics[1], "Good evening, I am new.")
    after = pages_of(observer, topics)
    assert "canary" not in "".join(after.values())
    assert "plum title" not in "".join(after.values())
    assert "Another plum" not in "".join(after.values())
    for path, page in after.items():
        for written in re.findall(r"<article.*?</article>", page, flags=re.S):
            assert not (OLD in written and NEW in written), path
    old, new = (_facts_about(after[conversation_url(topics[1])], post) for post in (named, said))
    assert old & new == set(), "nothing that stands beside the old words stands beside the new"
    if role is Role.FACILITATOR:
        people = text_of(observer.get(f"/g/{group.address}/people"))
        assert OLD in people, "the old name goes from the list only with the three weeks: going now it would tell"
        assert NEW in people
    assert OLD not in text_of(wren.get(f"/g/{group.address}")), "their own page does not say it either"
    assert aliased


def _as_now(wren: Person) -> Person:
    """The same browser, as who they are from now on."""
    with wren.world.app.app_context():
        me = wren.actor.memberships[wren.group.scope.group_id]  # type: ignore[union-attr]
    return Person(wren.world, wren.client, me.name, wren.account_id, me.persona_id, wren.group)


def _facts_about(page: str, post_id: int) -> set[str]:
    """Ids and names on one post's article, without what all articles have."""
    found = re.search(rf'<article[^>]*id="post-{write_post_id(post_id)}".*?</article>', page, flags=re.S)
    assert found
    return set(re.findall(r"[a-z2-7]{12,26}", found[0])) | set(re.findall(r"<bdi>(.*?)</bdi>", found[0]))


def test_nobody_is_told(world: World, group: GroupHere) -> None:
    """No case, no line, no audit entry, no hint that names anybody: the same rows of these tables as before."""
    wren = world.person(group, name=OLD)
    world.topic(wren)
    with world.app.app_context():
        before = {name: everything()[name] for name in ("case_item", "decision", "audit_entry", "team_line")}
    hide(wren)
    begin_afresh(wren)
    run_jobs(world)
    with world.app.app_context():
        assert {name: everything()[name] for name in before} == before


def test_no_row_joins_the_two_names(world: World, group: GroupHere) -> None:
    """Not one row of a stolen copy holds anything of both, nor of either and the account."""
    wren = world.person(group, name=OLD)
    topic = world.topic(wren)
    hide(wren)
    begin_afresh(wren)
    new = _as_now(wren)
    world.reply(new, topic, "Good evening.")
    assert wren.account_id
    ids = {"old": wren.persona_id, "new": new.persona_id, "account": wren.account_id}
    with world.app.app_context():
        for table, found in everything().items():
            for one in found:
                here = {k for k, v in ids.items() if any(_holds(value, v) for value in dict(one).values())}
                assert len(here) <= 1, (table, here)


def _holds(value: object, ident: bytes) -> bool:
    return (isinstance(value, bytes) and ident in value) or (isinstance(value, str) and ident.hex() in value)


def test_who_takes_a_new_name_comes_in_as_anybody_this_week(world: World, group: GroupHere) -> None:
    wren = world.person(group, name=OLD)
    world.topic(wren)
    world.moment.go(days=25)
    begin_afresh(wren)
    new = _as_now(wren)
    with world.app.app_context():
        me = new.actor.memberships[group.scope.group_id]
    assert me.standing.value == "newcomer"
    assert me.joined_on is not None
    assert world.moment.at.date() - me.joined_on < timedelta(days=7)
    assert me.agreed, "they need not answer the rules again"


def test_the_first_page_after_it_opens(world: World, group: GroupHere) -> None:
    """What a process remembered of who reads is asked anew."""
    wren, heron = world.person(group, name=OLD), world.person(group)
    topic = world.topic(heron)
    assert wren.get(conversation_url(topic)).status_code == 200
    begin_afresh(wren)
    page = wren.get(conversation_url(topic))
    assert page.status_code == 200
    assert NEW in page.text
    assert OLD not in page.text


def test_the_old_name_can_be_had_again_for_three_weeks(world: World, group: GroupHere) -> None:
    wren = world.person(group, name=OLD)
    topic = world.topic(wren, body="The plum canary.")
    begin_afresh(wren)
    assert "Take my words back" not in text_of(wren.get(post_url(_first(world, topic), "more")))
    assert wren.send(f"/g/{group.address}/going/undo", {"what": "fresh"}).status_code == 303
    assert OLD in text_of(wren.get("/"))
    assert "Take my words back" in text_of(wren.get(post_url(_first(world, topic), "more")))


def _first(world: World, topic: bytes) -> int:
    with world.app.app_context():
        return int(rows(select(Post.id).where(Post.conversation_id == topic))[0].id)


def test_after_three_weeks_the_old_name_is_nobodys(world: World, group: GroupHere) -> None:
    wren, facilitator = world.person(group, name=OLD), world.person(group, Role.FACILITATOR)
    world.topic(wren)
    hide(wren)
    begin_afresh(wren)
    for _n in range(23):
        world.moment.go(days=1)
        run_jobs(world)
        with world.app.app_context():
            put_away.purge()
    assert OLD not in text_of(facilitator.get(f"/g/{group.address}/people"))
    with world.app.app_context():
        assert not any(OLD in str(value) for found in everything().values() for one in found for value in one)
    assert wren.send(f"/g/{group.address}/going/undo", {"what": "fresh"}).status_code == 404
    assert NEW in text_of(wren.get("/"))


def test_nobody_sheds_a_hold_by_a_new_name(world: World, group: GroupHere) -> None:
    wren, owl = world.person(group, name=OLD), world.person(group, Role.MODERATOR)
    topic = world.topic(owl)
    said = world.reply(wren, topic, "Something unkind.", masked=True)
    with world.app.app_context():
        deciding.hold_author(owl.actor, said)
        assert rows(select(Restriction.tag))
    assert wren.send(f"/g/{group.address}/known/name", {"own_name": NEW}).status_code == 403
    hide(wren, "stay")
    world.moment.go(hours=25)
    begin_afresh(wren)


def test_the_team_keeps_its_names(world: World, group: GroupHere) -> None:
    owl = world.person(group, Role.MODERATOR)
    assert owl.send(f"/g/{group.address}/known/name", {"own_name": NEW}).status_code == 403


def test_the_page_has_the_lines_of_the_nation_and_the_ways_out(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    page = wren.get(f"/g/{group.address}/known").text
    assert "National Domestic Abuse Helpline" in page
    for way in ("/safe", "/leave", f"/g/{group.address}/ask", f"/g/{group.address}/known/name"):
        assert f'href="{way}"' in page
