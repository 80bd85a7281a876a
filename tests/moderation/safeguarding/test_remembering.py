"""After a death: one topic in which the group remembers, opened by the flow, after the check, by two, once."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from forum.base.db import rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.models import Conversation, Persona, Post
from moderation.safeguarding import chronology, death, remembering
from moderation.safeguarding.cases import Case
from moderation.safeguarding.death import Step
from tests.conftest import Clock
from tests.moderation.safeguarding.people import Scene, scene
from tests.moderation.safeguarding.test_watching import dead
from tests.world import World, text_of

TITLE, WORDS = "Remembering Wren", "We have sad news. You can be quiet here, or write."


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """An organisation with all of its officers, and a group."""
    return scene(world)


def topics(title: str = TITLE) -> list[bytes]:
    """The topics of this name."""
    return [r.id for r in rows(select(Conversation.id).where(Conversation.title == title))]


def stage(here: Scene, case: Case) -> str:
    """How far it is."""
    found = remembering.find(chronology.lines(here.now(case.id)))
    return found.stage if found else ""


def test_one_writes_the_words_and_another_opens_it_once(here: Scene) -> None:
    case, board = dead(here), here.group.boards[0]
    with pytest.raises(NotAllowed, match="Nobody wrote"):
        remembering.agree(here.sam.actor, case.id, board)
    remembering.propose(here.robin.actor, case.id, TITLE, WORDS)
    with pytest.raises(NotAllowed, match="You wrote these words"):
        remembering.agree(here.robin.actor, case.id, board)
    with pytest.raises(NotAllowed, match="A facilitator of the group"):
        remembering.agree(here.lead.actor, case.id, board)
    assert topics() == []
    remembering.agree(here.sam.actor, case.id, board)
    (topic,) = topics()
    (first,) = rows(select(Post.body, Persona.name).join(Persona).where(Post.conversation_id == topic))
    assert (first.body, first.name) == (WORDS, "The team")
    assert Step.MEMORIAL in death.done(chronology.lines(case))
    with pytest.raises(NotAllowed, match="One is enough"):
        remembering.agree(here.sam.actor, case.id, board)
    with pytest.raises(NotAllowed, match="One is enough"):
        remembering.propose(here.robin.actor, case.id, TITLE, WORDS)
    assert len(topics()) == 1


def test_no_topic_before_a_second_source_said_so(here: Scene) -> None:
    case = dead(here, checked=False)
    with pytest.raises(NotAllowed, match="second source"):
        remembering.propose(here.robin.actor, case.id, TITLE, WORDS)
    death.note_step(here.robin.actor, case.id, Step.CHECKED, "Her sister rang us.")
    remembering.propose(here.robin.actor, case.id, TITLE, WORDS)
    death.undo(here.robin.actor, case.id, "She wrote to us.")
    with pytest.raises(NotAllowed, match="second source"):
        remembering.agree(here.sam.actor, case.id, here.group.boards[0])
    assert topics() == []


def test_a_board_that_is_none_leaves_it_to_be_opened_again(here: Scene) -> None:
    case = dead(here)
    with pytest.raises(Invalid):
        remembering.propose(here.robin.actor, case.id, "", WORDS)
    remembering.propose(here.lead.actor, case.id, TITLE, WORDS)
    with pytest.raises(NotFound):
        remembering.agree(here.sam.actor, case.id, b"none such as this")
    assert stage(here, case) == "proposed_again"
    remembering.agree(here.robin.actor, case.id, here.group.boards[0])
    assert (len(topics()), stage(here, case)) == (1, "opened")


def break_off(here: Scene, case: Case, monkeypatch: pytest.MonkeyPatch, *, made: bool) -> None:
    """Samphire begins to open it, and the server dies: before the topic is made, or right after."""
    real = remembering.usecases.start_topic

    def dies(*given: Any, **more: Any) -> None:
        if made:
            real(*given, **more)
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(remembering.usecases, "start_topic", dies)
        with pytest.raises(ConnectionError):
            remembering.agree(here.sam.actor, case.id, here.group.boards[0])
    assert (stage(here, case), len(topics())) == ("opening", int(made))


@pytest.mark.parametrize("made", [False, True], ids=["before it was made", "after"])
def test_who_broke_off_while_opening_it_goes_on_and_nobody_else_at_the_same_moment(
    here: Scene, monkeypatch: pytest.MonkeyPatch, made: bool
) -> None:
    case, board = dead(here), here.group.boards[0]
    remembering.propose(here.lead.actor, case.id, TITLE, WORDS)
    break_off(here, case, monkeypatch, made=made)
    with pytest.raises(Conflict):
        remembering.agree(here.robin.actor, case.id, board)
    with pytest.raises(Conflict):
        remembering.propose(here.robin.actor, case.id, TITLE, WORDS)
    remembering.agree(here.sam.actor, case.id, board)
    assert (len(topics()), stage(here, case)) == (1, "opened")


@pytest.mark.parametrize("made", [False, True], ids=["before it was made", "after"])
def test_if_who_broke_off_never_comes_back_somebody_else_goes_on_and_there_is_one(
    here: Scene, monkeypatch: pytest.MonkeyPatch, moment: Clock, made: bool
) -> None:
    case = dead(here)
    remembering.propose(here.lead.actor, case.id, TITLE, WORDS)
    break_off(here, case, monkeypatch, made=made)
    moment.go(minutes=3)
    other_board = here.group.boards[-1]
    remembering.agree(here.robin.actor, case.id, other_board)
    assert (len(topics()), stage(here, case)) == (1, "opened")
    (first,) = rows(select(Post.id).where(Post.conversation_id == topics()[0]))
    found = remembering.find(chronology.lines(here.now(case.id)))
    assert found is not None
    assert found.post_id == first.id
    with pytest.raises(NotAllowed, match="One is enough"):
        remembering.agree(here.sam.actor, case.id, other_board)
    assert len(topics()) == 1


@pytest.mark.parametrize("made", [False, True], ids=["before it was made", "after"])
def test_of_two_facilitators_the_one_who_is_left_wrote_the_words(
    here: Scene, monkeypatch: pytest.MonkeyPatch, moment: Clock, made: bool
) -> None:
    """Nobody opens their own words; but another person may write others, and what stands there already is only written down."""
    case, board = dead(here), here.group.boards[0]
    remembering.propose(here.robin.actor, case.id, TITLE, WORDS)
    break_off(here, case, monkeypatch, made=made)
    moment.go(minutes=3)
    if made:
        with pytest.raises(NotAllowed, match="One is enough"):
            remembering.propose(here.lead.actor, case.id, TITLE, "Other words.")
    else:
        with pytest.raises(NotAllowed, match="You wrote these words"):
            remembering.agree(here.robin.actor, case.id, board)
        remembering.propose(here.lead.actor, case.id, TITLE, "Other words.")
    remembering.agree(here.robin.actor, case.id, board)
    assert (len(topics()), stage(here, case)) == (1, "opened")


def test_two_who_open_it_at_once_after_all_make_one(
    here: Scene, monkeypatch: pytest.MonkeyPatch, moment: Clock
) -> None:
    """Somebody's request hung for longer than anybody waits, and comes to its end after the other one."""
    case, board, real = dead(here), here.group.boards[0], remembering.usecases.start_topic
    remembering.propose(here.lead.actor, case.id, TITLE, WORDS)

    def hangs(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(remembering.usecases, "start_topic", real)
        moment.go(minutes=3)
        remembering.agree(here.robin.actor, case.id, board)
        return real(*given, **more)

    monkeypatch.setattr(remembering.usecases, "start_topic", hangs)
    with pytest.raises(IntegrityError):
        remembering.agree(here.sam.actor, case.id, board)
    assert (len(topics()), stage(here, case)) == (1, "opened")


def test_the_page_leads_two_people_through_it(here: Scene) -> None:
    case = dead(here)
    page = f"/concerns/{write_ident(case.id)}"
    assert here.lead.person.send(f"{page}/memorial", {"title": TITLE, "words": WORDS}).status_code == 303
    assert "It waits for a second person" in text_of(here.lead.person.get(page))
    assert WORDS in text_of(here.sam.get(page))
    board = {"board": write_ident(here.group.boards[0])}
    assert here.sam.send(f"{page}/memorial-open", board).status_code == 303
    assert "The topic to remember them" in text_of(here.robin.get(page))
    assert len(topics()) == 1
