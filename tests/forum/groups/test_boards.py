"""Facilitators make, name, order and retire boards; who may what is said in people before it is kept."""

from contextlib import nullcontext

import pytest
from sqlalchemy import select, update

from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.conversations import usecases
from forum.conversations.prepare import Prepared, Words
from forum.groups import boards
from forum.groups.boards import Wanted
from forum.models import Board, Post, Role
from forum.policy import audience
from tests.world import GroupHere, Person, World, conversation_url, text_of

FORM = {"name": "Hard nights", "purpose": "For the small hours.", "readers": "0", "starters": "0", "repliers": "0"}


def names(world: World, group: GroupHere) -> list[str]:
    """The boards in use, in their order."""
    with world.app.app_context():
        found = rows(
            select(Board.name)
            .where(Board.group_id == group.scope.group_id, Board.retired_at.is_(None))
            .order_by(Board.ord)
        )
    return [r.name for r in found]


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group(boards=("One", "Two", "Three"))


@pytest.fixture
def facilitator(world: World, group: GroupHere) -> Person:
    return world.person(group, Role.FACILITATOR)


def at(group: GroupHere, n: int | None = None, act: str = "") -> str:
    """The page of a board."""
    board = "/new" if n is None else f"/{write_ident(group.boards[n])}"
    return f"/g/{group.address}/boards{board}{act}"


def test_a_board_is_made_after_its_maker_saw_for_how_many(world: World, group: GroupHere, facilitator: Person) -> None:
    preview = facilitator.send(at(group), FORM)
    assert preview.status_code == 200
    assert "1 person can read it." in text_of(preview)
    assert names(world, group) == ["One", "Two", "Three"]
    assert facilitator.send(at(group), FORM | {"sure": "yes"}).status_code == 303
    assert names(world, group) == ["One", "Two", "Three", "Hard nights"]


def test_a_change_says_who_can_read_no_more(world: World, group: GroupHere, facilitator: Person) -> None:
    member = world.person(group)
    world.topic(member)
    form = FORM | {"name": "One", "purpose": "", "readers": "-1"}
    said = text_of(facilitator.send(at(group, 0), form))
    assert "2 people can read this board now. After this, 1 can." in said
    assert "no longer see its 1 topic" in said
    assert member.get(f"/b/{write_ident(group.boards[0])}").status_code == 200
    assert facilitator.send(at(group, 0), form | {"sure": "yes"}).status_code == 303
    assert member.get(f"/b/{write_ident(group.boards[0])}").status_code == 404


def test_another_name_changes_nothing_for_anybody_and_is_kept_at_once(
    world: World, group: GroupHere, facilitator: Person
) -> None:
    assert facilitator.send(at(group, 1), FORM | {"name": "Two more"}).status_code == 303
    assert names(world, group) == ["One", "Two more", "Three"]


@pytest.mark.parametrize(
    ("n", "to", "order"),
    [
        (0, "up", "One Two Three"),
        (2, "up", "One Three Two"),
        (0, "down", "Two One Three"),
        (2, "down", "One Two Three"),
    ],
)
def test_boards_move_one_place(
    world: World, group: GroupHere, facilitator: Person, n: int, to: str, order: str
) -> None:
    assert facilitator.send(at(group, n, "/move"), {"to": to}).status_code == 303
    assert names(world, group) == order.split()


def test_a_retired_board_is_read_and_not_written_on(world: World, group: GroupHere, facilitator: Person) -> None:
    member = world.person(group)
    topic = world.topic(member)
    assert facilitator.send(at(group, 0, "/retire")).status_code == 303
    assert names(world, group) == ["Two", "Three"]
    assert "closed" in text_of(member.get(conversation_url(topic)))
    form = {"body": "Hello.", "token": "a" * 26}
    assert member.send(f"{conversation_url(topic)}/posts", form).status_code == 403
    assert "Closed boards" in text_of(member.get(f"/g/{group.address}"))
    assert facilitator.send(at(group, 0, "/retire"), {"back": "yes"}).status_code == 303
    assert member.send(f"{conversation_url(topic)}/posts", form).status_code == 303


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"name": "x" * 61}, {"purpose": "x" * 201}, {"readers": "3"}, {"readers": "x"}]
)
def test_a_wrong_form_comes_back_with_its_words(
    world: World, group: GroupHere, facilitator: Person, wrong: dict[str, str]
) -> None:
    answer = facilitator.send(at(group), FORM | wrong | {"sure": "yes"})
    assert answer.status_code == 422
    assert names(world, group) == ["One", "Two", "Three"]


def test_boards_are_for_facilitators_of_this_group(world: World, group: GroupHere) -> None:
    moderator, far = world.person(group, Role.MODERATOR), world.person(world.group(), Role.FACILITATOR)
    with world.app.app_context():
        with pytest.raises(NotAllowed):
            boards.make_board(moderator.actor, group.scope, Wanted("More"))
        with pytest.raises(NotFound):
            boards.make_board(far.actor, group.scope, Wanted("More"))
        assert far.group
        with pytest.raises(NotFound):
            boards.change_board(far.actor, far.group.scope, group.boards[0], Wanted("Taken over"))
        with pytest.raises(NotFound):
            boards.retire_board(far.actor, far.group.scope, group.boards[0])


def test_there_are_no_more_than_a_phone_shows(world: World, group: GroupHere, facilitator: Person) -> None:
    with world.app.app_context():
        for n in range(boards.MOST_BOARDS - 3):
            boards.make_board(facilitator.actor, group.scope, Wanted(f"Board {n}"))
        with pytest.raises(Invalid):
            boards.make_board(facilitator.actor, group.scope, Wanted("One too many"))


def test_the_count_of_readers_is_that_of_the_board(world: World, group: GroupHere, facilitator: Person) -> None:
    world.person(group)
    with world.app.app_context():
        boards.change_board(facilitator.actor, group.scope, group.boards[0], Wanted("One", readers=audience.TEAM))
    page = text_of(facilitator.get(f"/b/{write_ident(group.boards[0])}/write"))
    assert "1 person in this group can read this." in page


@pytest.mark.parametrize("closes", [False, True])
def test_a_board_that_closes_while_words_are_prepared_takes_none(
    world: World, group: GroupHere, monkeypatch: pytest.MonkeyPatch, closes: bool
) -> None:
    member = world.person(group)
    topic = world.topic(member)
    right = usecases.prepare

    def prepare(*words: object, **more: object) -> Prepared:
        with transaction():
            board = update(Board).where(Board.id == group.board)
            here().execute(board.values(retired_at=world.moment.at if closes else None))
        return right(*words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(usecases, "prepare", prepare)
    said = Words("Just in time?")
    with world.app.app_context():
        for n, write in enumerate(
            (
                lambda: usecases.submit_post(member.actor, topic, said, "a" * 26),
                lambda: usecases.start_topic(member.actor, group.board, "A title", said, "b" * 26),
            )
        ):
            with pytest.raises(NotAllowed) if closes else nullcontext():
                write()
            if n == 0:
                with transaction():
                    here().execute(update(Board).where(Board.id == group.board).values(retired_at=None))
        kept = rows(select(Post.id).where(Post.body == "Just in time?"))
    assert len(kept) == (0 if closes else 2)
