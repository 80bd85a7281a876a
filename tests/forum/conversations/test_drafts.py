"""Words kept for later: for their writer alone, on any device, gone once they are posted, sealed in the database."""

import json
import re

from sqlalchemy import select

from forum.base.db import rows
from forum.base.idents import write_ident, write_post_id
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


def test_a_name_meant_to_be_hidden_stays_so_while_words_are_kept(world: World) -> None:
    """Whoever comes back to their words and presses Post must not be named because the form forgot."""
    group = world.group()
    wren = world.person(group)
    url, form = conversation_url(world.topic(wren)), f"/b/{write_ident(group.board)}/write"
    hidden = re.compile(r'value="yes"[^>]* checked')
    wren.send(f"{url}/posts", {"body": "Half", "masked": "yes", "lang": "cy", "later": "yes"})
    page = wren.get(url).get_data(as_text=True)
    assert hidden.search(page)
    assert 'value="cy" lang="cy" selected' in page
    assert "only you see them" in page
    wren.send(form, {"title": "Half", "body": "a thought", "masked": "yes", "later": "yes"})
    assert hidden.search(wren.get(form).get_data(as_text=True))


def test_kept_words_still_answer_the_post_they_answered_unless_it_is_gone(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    url = conversation_url(topic)
    answered = write_post_id(world.reply(wren, topic, "A question."))
    heron.send(f"{url}/posts", {"body": "Half an answer", "answers": answered, "later": "yes"})
    field = f'name="answers" value="{answered}"'
    assert field in heron.get(url).get_data(as_text=True)
    assert field not in heron.get(f"{url}?answers=").get_data(as_text=True)
    wren.send(f"/p/{answered}/withdraw", {})
    page = heron.get(url)
    assert page.status_code == 200
    assert "Half an answer" in page.get_data(as_text=True)


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
