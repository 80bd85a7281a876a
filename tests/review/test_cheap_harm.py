"""Attacks on everyone's time by one member with an ordinary browser."""

import pytest
from sqlalchemy import select

from forum.base import markdown, text
from forum.base.db import row
from forum.models import Post
from tests.world import World, conversation_url


def test_a_post_that_is_hard_to_quote_is_read_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many answers quote one post of brackets; somebody asks for all changes again and again."""
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren, body="[" * 400)
    with world.app.app_context():
        first = row(select(Post.id).where(Post.conversation_id == topic))
    assert first
    for n in range(3):
        world.reply(wren, topic, f"Answer {n}.", answers_id=first.id)
    parsed = []
    parse = markdown.parse
    monkeypatch.setattr(markdown, "parse", lambda body: parsed.append(body) or parse(body))
    text._excerpt.cache_clear()
    for _n in range(3):
        answer = wren.get(f"{conversation_url(topic)}/changes?after=0")
        assert len(answer.get_json()["changes"]) == 4
    assert len(parsed) == 1
