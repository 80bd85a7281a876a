"""What leaves is gone at once from everything that shows words or people: search, quotes, boards, sockets, seats, lists."""

import pytest
from sqlalchemy import select

from forum.base.db import rows
from forum.base.idents import write_ident
from forum.base.transaction import transaction
from forum.conversations import mentions, search
from forum.groups import kept_out
from forum.groups.queries import count_members
from forum.models import EndedFeed, Persona, Role, Standing
from forum.policy.audience import EVERYONE
from tests.world import GroupHere, Person, World, conversation_url, text_of

OLD = "Mossy Heron"


@pytest.fixture
def group(world: World) -> GroupHere:
    search.forget()
    return world.group()


@pytest.fixture
def wren(world: World, group: GroupHere) -> Person:
    return world.person(group, name=OLD)


def seen_by(reader: Person, topic: bytes) -> str:
    """What a member finds of the word on the pages that show or find it."""
    assert reader.group
    pages = [reader.get(conversation_url(topic)), reader.get(f"/b/{write_ident(reader.group.board)}")]
    pages += [reader.get(f"{conversation_url(topic)}/changes?after=0"), reader.get("/")]
    found = reader.send(f"/g/{reader.group.address}/search", {"words": "plumcanary"})
    return (
        "".join(page.get_data(as_text=True) for page in pages) + found.text.split("<main", 1)[1].split("</form>", 1)[1]
    )


@pytest.mark.parametrize("way", ["going/words", "going/leave", "known"])
def test_words_are_gone_from_every_page_at_once(world: World, group: GroupHere, wren: Person, way: str) -> None:
    heron = world.person(group)
    topic = world.topic(wren, "A plumcanary title", "The plumcanary itself.")
    assert seen_by(heron, topic).count("plumcanary") > 2
    assert wren.send(f"/g/{group.address}/{way}", {"words": "take", "hidden": "stay"}).status_code == 303
    assert "plumcanary" not in seen_by(heron, topic)
    undone = wren.send(f"/g/{group.address}/going/undo", {"what": "words"})
    assert undone.status_code == 303
    search.forget()
    assert seen_by(heron, topic).count("plumcanary") > 2


def test_who_left_is_in_no_list_and_on_no_line(world: World, group: GroupHere, wren: Person) -> None:
    facilitator = world.person(group, Role.FACILITATOR)
    assert OLD in text_of(facilitator.get(f"/g/{group.address}/people"))
    with world.app.app_context():
        before = count_members(group.scope.group_id)
        assert mentions.find_named(group.scope.group_id, EVERYONE, f"Hello @{OLD}.") == {wren.persona_id}
    wren.send(f"/g/{group.address}/going/leave", {"words": "stay"})
    assert OLD not in text_of(facilitator.get(f"/g/{group.address}/people"))
    with world.app.app_context():
        assert count_members(group.scope.group_id) == before - 1
        assert mentions.find_named(group.scope.group_id, EVERYONE, f"Hello @{OLD}.") == set()
        assert f"persona:{wren.persona_id.hex()}" in {r.what for r in rows(select(EndedFeed.what))}, "sockets hang up"


def test_leaving_is_said_to_nobody(world: World, group: GroupHere, wren: Person) -> None:
    """No page of the group says that somebody left, or who."""
    facilitator = world.person(group, Role.FACILITATOR)
    wren.send(f"/g/{group.address}/going/leave", {"words": "stay"})
    for page in ("", "/team", "/lines", "/people", "/duty"):
        assert OLD not in text_of(facilitator.get(f"/g/{group.address}{page}"))


def test_the_way_back_stands_where_somebody_who_left_looks_for_it(world: World, group: GroupHere, wren: Person) -> None:
    wren.send(f"/g/{group.address}/going/leave", {"words": "stay"})
    assert group.name in text_of(wren.get("/going"))
    assert group.name not in text_of(wren.get("/")), "whoever looks at the phone does not see it at home"
    assert "Come back to the group" in text_of(wren.get(f"/g/{group.address}/going"))
    assert world.person(group).get(f"/g/{group.address}/going").status_code == 200
    assert world.person(world.group()).get(f"/g/{group.address}/going").status_code == 404


def test_an_unlisted_group_stays_unknown_to_all_but_who_left_it(world: World, group: GroupHere, wren: Person) -> None:
    world.configure(group, listing="unlisted")
    stranger = world.person(world.group())
    wren.send(f"/g/{group.address}/going/leave", {"words": "stay"})
    ghost = stranger.get("/g/never-there/going")
    assert stranger.get(f"/g/{group.address}/going").status_code == ghost.status_code == 404
    assert wren.get(f"/g/{group.address}/going").status_code == 200


def test_somebody_who_was_sent_away_does_not_come_back_by_undoing(world: World, group: GroupHere, wren: Person) -> None:
    wren.send(f"/g/{group.address}/going/leave", {"words": "stay"})
    with world.app.app_context(), transaction():
        kept_out.remove(group.scope, wren.persona_id)
    assert wren.send(f"/g/{group.address}/going/undo", {"what": "left"}).status_code == 403
    with world.app.app_context():
        assert rows(select(Persona.standing).where(Persona.id == wren.persona_id))[0].standing is Standing.LEFT
