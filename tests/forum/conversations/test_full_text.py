"""SQLite's full-text table: it does not wear out, and when it is broken nobody has to wait for it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from forum.base import jobs
from forum.base.db import rows
from forum.base.errors import Busy
from forum.base.transaction import here, transaction
from forum.conversations import full_text, search, usecases
from forum.models import PostSearch
from tests.conftest import Database
from tests.forum.conversations.test_search import found, ids, look
from tests.world import World, conversation_url

#: SQLite 3.40 can write more, and not read them.
MOST_LEVELS = 2_000


@pytest.fixture(autouse=True)
def on_sqlite(database: Database) -> Iterator[None]:
    if database.name != "sqlite":
        pytest.skip("PostgreSQL keeps its index itself")
    full_text.forget()
    search.forget()
    yield
    full_text.forget()
    search.forget()


def levels() -> int:
    """How many levels SQLite's list has: the number after its first four bytes, seven bits to a byte."""
    block = rows(text("SELECT block FROM post_search_fts_data WHERE id = 10"))[0].block
    return (block[4] & 0x7F) << 7 | block[5] if block[4] & 0x80 else block[4]


def wear_out(upto: int = MOST_LEVELS) -> None:
    """Put the parts together as often as months would, without minding how worn it is."""
    with transaction():
        run = here().connection().exec_driver_sql
        for _n in range(MOST_LEVELS):
            if levels() > upto:
                return
            run("INSERT INTO post_search_fts(rowid, words) VALUES (abs(random() >> 11), 'gull')")
            run("SAVEPOINT so_that_it_is_a_part")
            run("INSERT INTO post_search_fts(post_search_fts, rank) VALUES ('merge', -100)")
    pytest.skip("This SQLite does not wear out.")


def until_done() -> None:
    while jobs.run_due():
        pass


# --- It does not wear out ----------------------------------------------------------------------------------------


def test_this_sqlite_wears_out(world: World, inside: object) -> None:
    """Or the tests below prove nothing."""
    wear_out()
    with pytest.raises(DatabaseError, match="malformed"), transaction():
        here().execute(text("INSERT INTO post_search_fts(rowid, words) VALUES (1, 'gull')"))


def test_a_worn_table_is_written_anew_before_it_breaks(world: World, inside: object) -> None:
    """By day when words were taken back, at night sooner."""
    wren = world.person(world.group())
    topic = world.topic(wren)
    taken, kept = world.reply(wren, topic, "A puffin flew."), world.reply(wren, topic, "A heron stood.")
    wear_out(full_text.WORN_BYTES // 2)
    usecases.withdraw_post(wren.actor, taken)
    world.moment.go(minutes=2)
    until_done()
    assert levels() < 10
    wear_out(full_text.WORN_BYTES_AT_NIGHT // 2)
    usecases.withdraw_post(wren.actor, world.reply(wren, topic, "An auk swam."))
    world.moment.go(minutes=2)
    until_done()
    assert levels() > full_text.WORN_BYTES_AT_NIGHT // 2, "seconds of waiting are for the night"
    full_text.clean()
    assert levels() < 10
    assert full_text.mend() is False
    assert found(look(wren, "puffin")) == found(look(wren, "auk")) == []
    assert found(look(wren, "heron")) == ids(kept)


# --- A broken one keeps nobody waiting ---------------------------------------------------------------------------


def test_r6_a_worn_out_table_costs_one_more_try(world: World, inside: object, caplog: pytest.LogCaptureFixture) -> None:
    """SQLite undoes the whole transaction with it. The first try says that the words are kept; the next gets through."""
    wren = world.person(world.group())
    topic = world.topic(wren)
    post, taken = world.reply(wren, topic, "Please help me."), world.reply(wren, topic, "A puffin flew.")
    wear_out()
    with pytest.raises(Busy):
        usecases.withdraw_post(wren.actor, taken)
    usecases.withdraw_post(wren.actor, taken)
    usecases.edit_post(wren.actor, post, "Please help me, I saw a heron.", "en")
    assert "index is broken" in caplog.text
    assert full_text.is_shut()
    until_done()
    assert not full_text.is_shut()
    assert found(look(wren, "heron")) == ids(post)
    assert found(look(wren, "puffin")) == []


def test_r6_whoever_posts_notices_nothing_of_a_worn_out_table(world: World, inside: object) -> None:
    wren = world.person(world.group())
    topic = world.topic(wren)
    wear_out()
    said = wren.send(f"{conversation_url(topic)}/posts", {"body": "I saw a heron.", "token": "t" * 26})
    assert said.status_code == 303
    for _try in range(2):
        world.moment.go(seconds=11)
        until_done()
    assert "I saw a heron." in wren.get(conversation_url(topic)).text
    assert len(found(look(wren, "heron"))) == 1


def test_r6_somebody_who_searches_a_broken_table_is_told_to_try_again(world: World, inside: object) -> None:
    wren = world.person(world.group())
    post = world.reply(wren, world.topic(wren), "A puffin flew.")
    assert found(look(wren, "puffin")) == ids(post)
    with transaction():
        here().execute(text("DELETE FROM post_search_fts_data"))
    told = look(wren, "puffin")
    assert told.status_code == 503
    assert "try again in a minute" in told.text
    until_done()
    assert found(look(wren, "puffin")) == ids(post)


def test_r6_each_night_a_broken_table_is_found_and_made_anew(world: World, inside: object) -> None:
    wren = world.person(world.group())
    post = world.reply(wren, world.topic(wren), "A puffin flew.")
    nightly = world.app.test_cli_runner()
    assert "damaged" not in nightly.invoke(args=["upkeep", "nightly"]).output
    with transaction():
        here().execute(text("UPDATE post_search_fts_data SET block = zeroblob(9) WHERE id > 10"))
    ran = nightly.invoke(args=["upkeep", "nightly"])
    assert ran.exit_code == 0, ran.output
    assert "damaged and is made anew" in ran.output
    assert found(look(wren, "puffin")) == ids(post)


def test_a_damaged_full_text_table_is_made_anew(world: World, inside: object) -> None:
    group = world.group()
    wren = world.person(group)
    post = world.reply(wren, world.topic(wren), "A puffin flew.")
    assert full_text.mend() is False
    with transaction():
        here().execute(text("INSERT INTO post_search_fts(post_search_fts) VALUES ('delete-all')"))
    assert found(look(wren, "puffin")) == []
    ran = world.app.test_cli_runner().invoke(args=["search", "rebuild"])
    assert ran.exit_code == 0, ran.output
    assert "made anew" in ran.output
    assert found(look(wren, "puffin")) == ids(post)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE post_search_fts_data SET block = zeroblob(9) WHERE id > 10",
        "UPDATE post_search_fts_idx SET pgno = 999999",
        "DELETE FROM post_search_fts_data",
    ],
)
def test_r6_a_broken_index_keeps_nobody_from_posting_or_taking_back(
    world: World, inside: object, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    """Somebody's cry for help must not wait for a search to be mended."""
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    taken = world.reply(wren, topic, "A secret puffin flew.")
    with transaction():
        here().execute(text(damage))
    said = wren.send(f"{conversation_url(topic)}/posts", {"body": "Please help me, I saw a heron.", "token": "t" * 26})
    assert said.status_code == 303
    usecases.withdraw_post(wren.actor, taken)
    world.settle()
    assert "Please help me" in wren.get(conversation_url(topic)).text
    assert ("index is broken" in caplog.text) is damage.startswith("DELETE"), "the others show when they are read"
    until_done()
    assert len(found(look(wren, "heron"))) == 1
    assert found(look(wren, "puffin")) == []
    assert not [r.words for r in rows(select(PostSearch.words)) if "puffin" in r.words]
