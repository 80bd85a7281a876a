"""R19: what is shown of one post was damaged. The page lives, and a command makes it good from the words as typed."""

import pytest
from sqlalchemy import select, text, update

from forum.base.db import row
from forum.base.transaction import here, transaction
from forum.conversations import fragments
from forum.models import Post
from tests.conftest import Database
from tests.world import World, conversation_url, post_url

#: What a bad disk leaves: bytes that are no letters, something else, nothing. PostgreSQL refuses the first by itself.
DAMAGED = {"sqlite": "CAST(x'3c703e41ff' AS TEXT)", "postgres": "'<p>A'"}


@pytest.mark.parametrize("left", ["bytes", "''"])
def test_r19_a_damaged_post_takes_no_page_with_it_and_is_made_good(
    world: World, inside: object, database: Database, left: str
) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    damaged = world.reply(wren, topic, "Words that were damaged.")
    world.reply(wren, topic, "Words beside them.")
    before = row(select(Post.html).where(Post.id == damaged))
    what = DAMAGED[database.name] if left == "bytes" else left
    with transaction():
        here().execute(update(Post).where(Post.id == damaged).values(html=text(what)))
    fragments.forget()
    page = heron.get(conversation_url(topic))
    assert page.status_code == 200
    assert "Words beside them." in page.text
    assert "Words that were damaged." not in page.text
    mend = world.app.test_cli_runner()
    assert mend.invoke(args=["upkeep", "render"]).output.startswith("1 posts were shown otherwise")
    assert mend.invoke(args=["upkeep", "render"]).output.startswith("0 posts")
    assert row(select(Post.html).where(Post.id == damaged)) == before
    fragments.forget()
    assert "Words that were damaged." in heron.get(conversation_url(topic)).text


def test_r19_words_taken_back_stay_away_when_all_is_shown_anew(world: World, inside: object) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    gone = world.reply(wren, topic, "Words that went.")
    assert wren.send(post_url(gone, "withdraw"), {}).status_code == 303
    assert world.app.test_cli_runner().invoke(args=["upkeep", "render"]).output.startswith("0 posts")
    assert row(select(Post.html, Post.body).where(Post.id == gone)) == ("", "")
