"""A board's words to begin with: offered to whoever writes something new, and never in their way."""

from sqlalchemy import select

from forum.base.db import rows
from forum.base.idents import write_ident
from forum.models import Post, Role
from tests.world import World

QUESTIONS = "How was your night?\n\nWhat would help now?"
FORM = {"name": "Nights", "readers": "0", "starters": "0", "repliers": "0", "sure": "yes"}


def test_a_new_topic_begins_with_the_words_of_its_board(world: World) -> None:
    group = world.group()
    lead, wren = world.person(group, Role.FACILITATOR), world.person(group)
    board, write = write_ident(group.board), f"/b/{write_ident(group.board)}/write"
    assert "How was your night?" not in wren.get(write).text
    assert lead.send(f"/g/{group.address}/boards/{board}", {**FORM, "template": QUESTIONS}).status_code == 303
    assert "How was your night?" in lead.get(f"/g/{group.address}/boards/{board}").text
    assert QUESTIONS in wren.get(write).text
    wren.send(write, {"title": "A bad night", "body": "My own words.", "later": "yes", "token": "a" * 26})
    page = wren.get(write).text
    assert "My own words." in page
    assert QUESTIONS not in page


def test_the_words_alone_are_no_post_and_with_an_answer_they_are(world: World) -> None:
    group = world.group()
    lead, wren = world.person(group, Role.FACILITATOR), world.person(group)
    board, write = write_ident(group.board), f"/b/{write_ident(group.board)}/write"
    lead.send(f"/g/{group.address}/boards/{board}", {**FORM, "template": QUESTIONS})
    windows = QUESTIONS.replace("\n", "\r\n")
    refused = wren.send(write, {"title": "A bad night", "body": windows, "token": "b" * 26})
    assert refused.status_code == 422
    assert "only the questions of this board" in refused.text
    assert "How was your night?" in refused.text
    taken = wren.send(write, {"title": "A bad night", "body": f"{windows}\r\nTea.", "token": "c" * 26})
    assert taken.status_code == 303
    with world.app.app_context():
        assert [r.body for r in rows(select(Post.body))] == [f"{QUESTIONS}\nTea."]


def test_a_long_one_is_refused(world: World) -> None:
    group = world.group()
    lead = world.person(group, Role.FACILITATOR)
    answer = lead.send(f"/g/{group.address}/boards/{write_ident(group.board)}", {**FORM, "template": "x" * 601})
    assert answer.status_code == 422
    assert "Make this shorter" in answer.text
