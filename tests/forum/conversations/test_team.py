"""The line to the team: who may write, who may read, what becomes of the words, and what nothing may lose."""

import pytest

from forum.base.errors import NotFound
from forum.base.idents import new_ident, write_ident
from forum.conversations import lines, queries, team, usecases
from forum.conversations.usecases import Words
from forum.models import PostState, Role
from forum.policy import gate
from tests.world import GroupHere, Person, World, text_of

LINK = "Please look at https://example.org/page or ring 07700 900123."


def ask(person: Person, body: str = "Can somebody help me?", mask_id: bytes | None = None) -> bytes:
    """Write to the team; gives the line's conversation."""
    assert person.group
    token = write_ident(new_ident())
    with person.world.app.app_context():
        written = team.write_to_team(person.actor, person.group.scope, Words(body), token, mask_id)
    person.world.settle()
    return written.conversation_id


def answer(person: Person, line: bytes, body: str = "We are here.", seen: int = 1) -> int:
    with person.world.app.app_context():
        written = usecases.submit_post(person.actor, line, Words(body, seen=seen), write_ident(new_ident()))
    person.world.settle()
    return written.id


def waiting(person: Person) -> list[bytes]:
    assert person.group
    return [line.conversation_id for line, _name in team.list_lines(person.actor, person.group.scope)[0]]


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


def test_the_team_reads_what_a_member_wrote_and_other_members_do_not(
    world: World, group: GroupHere, inside: object
) -> None:
    wren, heron, robin = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    line = ask(wren)

    for reader in (wren, robin):
        here = team.enter(reader.actor, line)
        posts = queries.list_posts(here.actor, line, 1)
        assert [p.author for p in posts] == [wren.name]
    for query in (queries.get_place, team.enter):
        with pytest.raises(NotFound):
            query(heron.actor, line)
    assert queries.list_posts(heron.actor, line, 1) == []


def line_url(line: bytes, page: str = "") -> str:
    return f"/line/{write_ident(line)}{page}"


def test_one_tap_and_one_form_and_the_answer_comes_back(world: World, group: GroupHere) -> None:
    wren, robin = world.person(group), world.person(group, Role.FACILITATOR)
    world.on_duty(group, 0, "19:00", "21:00")
    assert f'href="/g/{group.address}/ask"' in wren.get(f"/g/{group.address}").get_data(as_text=True)
    form = wren.get(f"/g/{group.address}/ask")
    assert form.status_code == 200
    assert f"{robin.name} (facilitator)" in text_of(form)
    assert "The next person looks today at 19:00" in text_of(form)
    sent = wren.send(f"/g/{group.address}/ask", {"body": "I am not well.", "token": "one"})
    assert sent.status_code == 303
    line = sent.headers["Location"].split("?")[0]
    assert "Your words are kept" in text_of(wren.get(sent.headers["Location"]))
    world.settle()

    todo = robin.get(f"/g/{group.address}/lines")
    assert line in todo.get_data(as_text=True)
    assert "I am not well." in text_of(robin.get(line))
    assert robin.send(f"{line}/posts", {"body": "We are here.", "token": "two", "seen": "1"}).status_code == 303
    world.settle()

    assert "The team has answered you. You have not read it yet." in text_of(wren.get("/messages"))
    page = text_of(wren.get(line))
    assert "We are here." in page
    assert robin.name in page
    wren.send(f"{line}/read", {"seq": "2"})
    assert "You have not read it yet" not in text_of(wren.get("/messages"))
    assert "Nobody waits" in text_of(robin.get(f"/g/{group.address}/lines"))
