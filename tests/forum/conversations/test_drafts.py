"""Words kept for later: for their writer alone, on any device, gone once they are posted, sealed in the database."""

import json

from sqlalchemy import select

from forum.base.db import rows
from forum.base.idents import write_ident
from forum.conversations.drafts import BLOCK
from forum.models import Draft
from tests.world import World, conversation_url


def test_a_kept_reply_is_there_again_and_nobody_else_sees_it(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    url = conversation_url(topic)
    answer = heron.send(f"{url}/posts", {"body": "canary, not finished", "later": "yes", "token": "t"})

    assert answer.status_code == 303
    assert "canary, not finished" in heron.get(url).get_data(as_text=True)
    assert "canary" not in wren.get(url).get_data(as_text=True)
    heron.send(f"{url}/posts", {"body": "Finished now.", "token": "t"})
    assert "canary" not in heron.get(url).get_data(as_text=True)
    with world.app.app_context():
        assert rows(select(Draft.tag)) == []


def test_a_kept_topic_comes_back_with_its_title(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    form = f"/b/{write_ident(group.board)}/write"
    wren.send(form, {"title": "Half a title", "body": "Half a thought", "later": "yes"})
    page = wren.get(form).get_data(as_text=True)
    assert "Half a title" in page
    assert "Half a thought" in page
    wren.send(form, {"title": "", "body": "", "later": "yes"})
    assert "Half a thought" not in wren.get(form).get_data(as_text=True)


def test_l25_a_draft_tells_a_thief_neither_whose_nor_what(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    for person, words in ((wren, "a"), (heron, "canary " * 20)):
        person.send(f"{conversation_url(topic)}/posts", {"body": words, "later": "yes"})
    with world.app.app_context():
        kept = rows(select(Draft.tag, Draft.sealed, Draft.key_id))
    assert len(kept) == 2
    assert len({len(r.sealed) for r in kept}) == 1, "their sizes differ"
    whole = repr(kept)
    for person in (wren, heron):
        assert person.account_id
        assert repr(person.persona_id)[2:-1] not in whole
        assert repr(person.account_id)[2:-1] not in whole
    assert "canary" not in whole


def test_a_draft_as_long_as_a_post_may_be_is_kept_to_the_letter(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    words = ("میں " * 5_000)[:20_000]
    form = {"body": words, "later": "yes"}
    wren.send(f"{conversation_url(topic)}/posts", form, content_type="multipart/form-data")
    assert words.strip() in wren.get(conversation_url(topic)).get_data(as_text=True)
    with world.app.app_context():
        sealed = rows(select(Draft.sealed))[0].sealed
    assert len(sealed) > len(json.dumps([words, ""], ensure_ascii=False).encode())
    assert BLOCK == 1_024
