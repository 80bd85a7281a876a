"""After a death: one topic in which the group remembers, opened by the flow, after the check, by two, once."""

import pytest
from flask import Flask
from sqlalchemy import select

from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.models import Conversation, Persona, Post
from moderation.safeguarding import chronology, death, remembering
from moderation.safeguarding.cases import Case
from moderation.safeguarding.death import Step
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


def test_who_broke_off_while_opening_it_goes_on_and_nobody_else_makes_a_second(
    here: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, board = dead(here), here.group.boards[0]
    remembering.propose(here.lead.actor, case.id, TITLE, WORDS)
    with monkeypatch.context() as broken:
        broken.setattr(remembering.usecases, "start_topic", _breaks)
        with pytest.raises(ConnectionError):
            remembering.agree(here.sam.actor, case.id, board)
    assert stage(here, case) == "opening"
    with pytest.raises(NotAllowed, match="One is enough"):
        remembering.agree(here.robin.actor, case.id, board)
    remembering.agree(here.sam.actor, case.id, board)
    assert (len(topics()), stage(here, case)) == (1, "opened")


def _breaks(*_said: object) -> None:
    raise ConnectionError


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
