"""How often the pages that everybody opens ask the database (decisions.md §2), masks included, on both databases."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text as sql

from forum.base.db import db, rows
from forum.base.idents import write_ident
from forum.conversations import board_page, entrance, fragments, queries
from forum.web import shells
from tests import services
from tests.conftest import Database
from tests.statements import statements
from tests.world import GroupHere, Person, World, conversation_url


@pytest.fixture
def topic(world: World) -> tuple[GroupHere, Person, str]:
    """A topic of three people in which one answered under an alias and another quotes it; its reader has an alias too."""
    group = world.group()
    wren, heron, reader = (world.person(group) for _ in range(3))
    conversation = world.topic(wren)
    hidden = world.reply(heron, conversation, "Under an alias.", masked=True)
    world.reply(wren, conversation, "An answer.", answers_id=hidden)
    world.reply(reader, conversation, "Me too.", masked=True)
    return group, reader, conversation_url(conversation)


@pytest.fixture
def asked(app: Flask, topic: object) -> Iterator[list[str]]:
    """What reaches the database after the story was told, with nothing of it in memory."""
    entrance.forget_all()
    fragments.forget()
    shells.forget()
    board_page.forget()
    with app.app_context(), statements() as said:
        yield said


def count(asked: list[str], visit: Callable[[], object]) -> int:
    """How many statements a visit takes."""
    before = len(asked)
    visit()
    return len(asked) - before


def test_a_topic_takes_five_queries_cold_and_two_warm(topic: tuple[GroupHere, Person, str], asked: list[str]) -> None:
    _group, reader, url = topic

    def visit() -> None:
        page = reader.get(url)
        assert page.status_code == 200
        assert page.text.count("<article") == 4

    assert 2 < count(asked, visit) <= 5
    assert count(asked, visit) == 1


def test_a_topic_in_which_my_words_wait_takes_two_queries(
    world: World, topic: tuple[GroupHere, Person, str], asked: list[str]
) -> None:
    _group, reader, url = topic
    reader.get(url)
    reader.send(f"{url}/posts", {"body": "Still sending.", "masked": "yes", "token": "a" * 26})
    assert count(asked, lambda: reader.get(url)) == 2
    assert "Still sending." in reader.pages[-1].decode()


def test_nothing_new_is_one_query(topic: tuple[GroupHere, Person, str], asked: list[str]) -> None:
    _group, reader, url = topic
    reader.get(url)
    assert count(asked, lambda: reader.get(f"{url}/changes?after=99")) == 1
    assert '"changes":[]' in reader.pages[-1].decode()


def test_a_board_takes_three_queries(topic: tuple[GroupHere, Person, str], asked: list[str]) -> None:
    group, reader, _url = topic
    url = f"/b/{write_ident(group.board)}"

    def visit() -> None:
        assert reader.get(url).text.count('<li class="cg-card') == 1

    assert 3 < count(asked, visit) <= 7  # once a minute it asks besides if somebody new waits
    assert count(asked, visit) == 3


def test_reading_opens_no_transaction(app: Flask, topic: tuple[GroupHere, Person, str], asked: list[str]) -> None:
    _group, reader, url = topic
    reader.get(url)
    kinds = {statement.split(maxsplit=1)[0] for statement in asked}
    assert kinds == {"SELECT"}


@pytest.mark.postgres
def test_reading_sends_nothing_to_postgresql_but_its_query(
    app: Flask, topic: tuple[GroupHere, Person, str], database: object
) -> None:
    """No BEGIN, ROLLBACK or ping before or after it, which would each cost as much again, by the server's own log."""
    server = services.postgres()
    if getattr(database, "name", "") != "postgres" or server is None:
        pytest.skip("PostgreSQL alone has a server to ask")
    _group, reader, url = topic
    reader.get(url)
    with app.app_context():
        everything = "ALTER SYSTEM SET log_statement = 'all'"
        with server.admin() as admin:
            admin.execute(everything)
            admin.execute("SELECT pg_reload_conf()")
        try:
            _until(lambda: rows(sql("SHOW log_statement"))[0][0] == "all")
            before = len(server.child.log.read_text(errors="replace"))
            reader.get(url)
            said = server.child.log.read_text(errors="replace")[before:]
        finally:
            with server.admin() as admin:
                admin.execute("ALTER SYSTEM RESET log_statement")
                admin.execute("SELECT pg_reload_conf()")
    sent = [line for line in said.splitlines() if "LOG:  " in line and ("statement: " in line or "execute " in line)]
    assert len(sent) == 1
    assert "SELECT" in sent[0]


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
    pytest.fail("PostgreSQL did not take up its new setting.")


def test_the_count_would_notice(app: Flask, topic: object) -> None:
    with app.app_context(), statements() as said:
        rows(sql("SELECT 1"))
        with db.engine.begin() as connection:
            connection.execute(sql("SELECT 2"))
    assert [s for s in said if s.startswith("SELECT")] == ["SELECT 1", "SELECT 2"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_changed_is_found_without_reading_all_that_was_ever_said(inside: Flask, database: Database) -> None:
    """Asked each time that anybody says anything in a room: a long meeting must not be slower than a short one."""
    asked = queries._TOLD._made(db.engines["read"])
    values = queries._TOLD._sent(asked, {"conversation": b"c" * 16, "after": 1})
    with db.engines["read"].connect() as connection:
        plan = [str(r) for r in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.text}", values)]
    assert any(
        "SEARCH post USING INDEX ix_post_conversation_changed (conversation_id=? AND changed_in>?)" in r for r in plan
    )
