"""Whoever starts a topic may ask for answers with names: nobody then writes there under a hidden one."""

import pytest
from sqlalchemy import select

from forum.base.db import rows
from forum.base.idents import write_ident
from forum.models import Conversation, Mask
from tests.world import GroupHere, Person, World, conversation_url, sent_post, text_of


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


def start(world: World, person: Person, **form: str) -> bytes:
    assert person.group
    board = write_ident(person.group.board)
    answer = person.send(f"/b/{board}/write", {"title": "A quiet topic", "body": "Hello from me.", **form})
    assert answer.status_code == 303, text_of(answer)
    sent_post(answer)
    world.settle()
    with world.app.app_context():
        return rows(select(Conversation.id))[0].id


@pytest.mark.parametrize("names_only", ["yes", ""])
def test_a_hidden_name_is_refused_with_the_words_kept(world: World, group: GroupHere, names_only: str) -> None:
    wren, heron = world.person(group), world.person(group)
    topic = start(world, wren, names_only=names_only)
    answer = heron.send(f"{conversation_url(topic)}/posts", {"body": "The plum canary.", "masked": "yes"})
    if not names_only:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert "The plum canary." in answer.text
    assert "Nothing is posted" in text_of(answer)
    with world.app.app_context():
        assert not rows(select(Mask.id)), "and no alias was made for it"
    assert heron.send(f"{conversation_url(topic)}/posts", {"body": "The plum canary."}).status_code == 303


def test_the_form_says_so_above_the_box_and_offers_no_alias(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group, name="Mossy Heron")
    topic = start(world, wren, names_only="yes")
    page = heron.get(conversation_url(topic)).text
    assert page.index("asked for answers with names") < page.index('name="body"')
    assert 'name="masked"' not in page
    again = heron.get(conversation_url(topic)).text
    assert 'name="masked"' not in again, "nor from memory"


def test_who_asks_for_names_shows_theirs(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    form = {"title": "A quiet topic", "body": "The plum canary.", "masked": "yes", "names_only": "yes"}
    answer = wren.send(f"/b/{write_ident(group.board)}/write", form)
    assert answer.status_code == 422
    assert "The plum canary." in answer.text


def test_it_is_kept_with_words_kept_for_later(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    form = {"title": "A quiet topic", "body": "The plum canary.", "names_only": "yes", "later": "yes"}
    wren.send(f"/b/{write_ident(group.board)}/write", form)
    page = wren.get(f"/b/{write_ident(group.board)}/write").text
    box = page[page.index('name="names_only"') :]
    assert "checked" in box[: box.index(">")]
