"""Coming back: what is new since my last reading, and markers that go back only when I say so."""

import re

import pytest
from sqlalchemy import select

from forum.base.db import rows
from forum.base.idents import write_ident
from forum.conversations import catching_up, choices, markers, shelves
from forum.conversations.choices import Choices
from forum.models import ReadMarker
from tests.statements import statements
from tests.world import GroupHere, Person, World, conversation_url, post_url, text_of


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group(boards=("Say hello", "Hard nights"))


def marker(person: Person, topic: bytes) -> int:
    with person.world.app.app_context():
        membership = person.actor.membership_in(person.group.scope.group_id)  # type: ignore[union-attr]
        assert membership
        return markers.find_marker(membership, topic)


def was_in(page: str) -> str:
    found = re.search(r'name="was" value="([^"]*)"', page)
    assert found
    return found[1]


def test_a_marker_goes_back_only_when_its_owner_says_so(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron)
    posts = [world.reply(heron, topic, f"Word {n}.") for n in range(4)]
    wren.send(f"{conversation_url(topic)}/read", {"seq": "5"})
    wren.send(f"{conversation_url(topic)}/read", {"seq": "2"})
    assert marker(wren, topic) == 5
    assert wren.send(post_url(posts[1], "unread")).status_code == 303
    assert marker(wren, topic) == 2
    assert 'id="unread"' in wren.get(conversation_url(topic)).get_data(as_text=True)
    wren.send(post_url(posts[3], "unread"))
    assert marker(wren, topic) == 2, "what is not read stays so"
    assert marker(heron, topic) == 0


def test_nobody_marks_what_is_not_for_them(world: World, group: GroupHere) -> None:
    heron, stranger = world.person(group), world.person(world.group())
    topic = world.topic(heron)
    post = world.reply(heron, topic)
    board = f"/b/{write_ident(group.board)}"
    for path in (post_url(post, "unread"), f"{board}/read", f"{board}/unread", f"/g/{group.address}/catch-up"):
        assert stranger.send(path).status_code == 404
        assert heron.send(path).status_code in (200, 303)


def test_a_board_is_marked_as_read_and_back_again(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    begun, fresh = world.topic(heron, "Begun"), world.topic(heron, "Fresh")
    world.reply(heron, begun)
    wren.send(f"{conversation_url(begun)}/read", {"seq": "1"})
    board = f"/b/{write_ident(group.board)}"
    done = wren.send(f"{board}/read").get_data(as_text=True)
    assert (marker(wren, begun), marker(wren, fresh)) == (2, 1)
    assert "New for you" not in wren.get(board).get_data(as_text=True)
    wren.send(f"{board}/unread", {"was": f"{was_in(done)} nonsense.x"})
    assert (marker(wren, begun), marker(wren, fresh)) == (1, 0)
    assert wren.get(board).get_data(as_text=True).count("New for you") == 2


def test_the_way_back_never_marks_anything_as_read_nor_reaches_other_boards(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron)
    wren.send(f"/b/{write_ident(group.board)}/unread", {"was": f"{write_ident(topic)}.1"})
    assert marker(wren, topic) == 0
    wren.send(f"{conversation_url(topic)}/read", {"seq": "1"})
    wren.send(f"/b/{write_ident(group.boards[1])}/unread", {"was": f"{write_ident(topic)}.0"})
    assert marker(wren, topic) == 1


def test_what_happened_while_i_was_away_stands_on_one_page(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    read, begun = world.topic(heron, "Read to its end"), world.topic(heron, "Begun")
    for topic in (read, begun):
        wren.send(f"{conversation_url(topic)}/read", {"seq": "1"})
    world.reply(heron, begun, "The first of the new words.")
    world.reply(heron, begun, "The second of them.")
    world.moment.go(hours=1)
    world.topic(heron, "Quite new", "Hello from over here.")
    page = text_of(wren.get(f"/g/{group.address}/catch-up"))
    assert "Read to its end" not in page
    assert "The first of the new words." in page
    assert "The second of them." not in page
    assert page.index("Quite new") < page.index("Begun"), "latest first"
    assert "Hard nights" not in page, "nothing is new there"

    done = wren.send(f"/g/{group.address}/catch-up").get_data(as_text=True)
    assert "There is nothing that you have not read." in text_of(wren.get(f"/g/{group.address}/catch-up"))
    wren.send(f"/g/{group.address}/catch-up/undo", {"was": was_in(done)})
    again = text_of(wren.get(f"/g/{group.address}/catch-up"))
    assert "Quite new" in again
    assert "Read to its end" not in again


def test_what_i_follow_stands_first(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    followed = world.topic(heron, "Followed")
    with world.app.app_context():
        shelves.follow(wren.actor, followed)
    world.topic(heron, "The latest")
    page = text_of(wren.get(f"/g/{group.address}/catch-up"))
    assert page.index("Followed") < page.index("The latest")
    assert page.count("You follow this") == 1
    assert "You follow this" not in text_of(world.person(group).get(f"/g/{group.address}/catch-up"))


def test_a_board_made_since_i_caught_up_is_said_to_be_new(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    path = f"/g/{group.address}/catch-up"
    assert "This board is new." not in text_of(wren.get(path))
    wren.send(path)
    with world.app.app_context():
        catching_up.note_caught_up(wren.actor, group.scope.group_id, [group.board])
    page = text_of(wren.get(path))
    assert "Hard nights This board is new." in page
    assert "Say hello" not in page


def test_first_words_are_kept_from_a_reader_as_everywhere_else(world: World, group: GroupHere) -> None:
    wren, heron, finch = world.person(group), world.person(group), world.person(group)
    world.topic(heron, "About swimming", "Swimming helped me.")
    world.topic(finch, "From somebody else", "Good evening.")
    path = f"/g/{group.address}/catch-up"
    assert "Swimming helped me." in text_of(wren.get(path))
    with world.app.app_context():
        blocked = Choices(words=("swimming",), blocked=frozenset({finch.persona_id}))
        choices.keep(wren.actor, group.scope.group_id, lambda _before: blocked)
    page = text_of(wren.get(path))
    assert "wimming" not in page
    assert "From somebody else" not in page
    assert "Good evening." not in page
    assert page.count("A topic with words you put away") == 2
    assert "Good evening." in text_of(heron.get(path))


def test_the_page_asks_as_much_for_many_topics_as_for_one(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    counts = []
    for many in (1, 30):
        for n in range(many):
            world.topic(heron, f"Topic {n}")
        with world.app.app_context(), statements() as asked:
            boards, more = catching_up.list_news(wren.actor, group.scope.group_id)
        counts.append(len([one for one in asked if one.lstrip().upper().startswith("SELECT")]))
    assert counts[0] == counts[1] <= 8
    assert sum(len(one.topics) for one in boards) == catching_up.SHOWN
    assert more


def test_l24_marking_many_topics_keeps_no_order_that_tells_which_is_which(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    for n in range(12):
        world.topic(heron, f"Topic {n}")
    wren.send(f"/b/{write_ident(group.board)}/read")
    with world.app.app_context():
        tags = [r.tag for r in rows(select(ReadMarker.tag, ReadMarker.sealed))]
    assert len(tags) == 12
    assert tags == sorted(tags)
