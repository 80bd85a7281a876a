"""The chain: any change to any row of it is found and named, and on PostgreSQL the program itself may not make one."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, event, text, update
from sqlalchemy.exc import DBAPIError

from forum.base import clock
from forum.base.db import db, row
from forum.base.errors import Invalid, NotFound
from forum.base.transaction import here, transaction
from moderation import audit, audit_role
from moderation.audit import Wrong
from moderation.models import AuditEntry, AuditHead

ENTRIES = 4


def write(how_many: int = ENTRIES) -> None:
    for n in range(how_many):
        with transaction():
            audit.note("decide.hide", b"\1" * 16, n.to_bytes(16), "r1")


def behind_its_back(*changes: object) -> None:
    """As somebody who owns the database could."""
    with transaction():
        if db.engine.dialect.name == "postgresql":
            here().execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in audit.TRIGGERS["sqlite"]:
                here().execute(text(f"DROP TRIGGER {name}"))
        for change in changes:
            here().execute(change)  # type: ignore[call-overload]
        if db.engine.dialect.name == "sqlite":
            for statement in audit.TRIGGERS["sqlite"].values():
                here().execute(text(statement))


def broken() -> tuple[int, Wrong] | None:
    found = audit.find_break()
    return (found.n, found.wrong) if found else None


@pytest.mark.parametrize("n", range(1, ENTRIES + 1))
@pytest.mark.parametrize("column", ["at", "action", "actor", "subject", "codes", "link"])
def test_m14_any_change_of_one_row_is_found_at_that_row(inside: Flask, n: int, column: str) -> None:
    write()
    assert broken() is None
    value = clock.now() - timedelta(days=1) if column == "at" else "0" * 32
    behind_its_back(update(AuditEntry).where(AuditEntry.n == n).values({column: value}))
    assert broken() == (n, Wrong.CHANGED)


@pytest.mark.parametrize("n", range(1, ENTRIES + 1))
def test_m14_any_row_that_is_gone_is_missed(inside: Flask, n: int) -> None:
    write()
    behind_its_back(delete(AuditEntry).where(AuditEntry.n == n))
    assert broken() == (n, Wrong.CUT if n == ENTRIES else Wrong.MISSING)


def test_m14_the_end_cannot_be_cut_by_giving_it_an_earlier_head(inside: Flask) -> None:
    """The link before the last stands in the table; that it was the last one nobody can say without the keyring."""
    write()
    third = row(audit.select(AuditEntry.link).where(AuditEntry.n == 3))
    assert third
    behind_its_back(delete(AuditEntry).where(AuditEntry.n == 4), update(AuditHead).values(n=3, link=third.link))
    assert broken() == (3, Wrong.HEAD)


def test_m14_an_earlier_state_of_everything_is_found_by_the_link_kept_elsewhere(inside: Flask) -> None:
    write(2)
    old = row(audit.select(AuditHead.n, AuditHead.link, AuditHead.proof))
    assert old
    write(2)
    kept = audit.read_head()
    assert kept is not None
    assert kept[0] == 4
    assert audit.find_break(kept) is None
    behind_its_back(delete(AuditEntry).where(AuditEntry.n > 2), update(AuditHead).values(**old._mapping))
    assert broken() is None, "the table alone cannot know"
    found = audit.find_break(kept)
    assert found is not None
    assert (found.n, found.wrong) == (3, Wrong.CUT)


def command(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["audit", *words])


def test_m14_the_command_names_the_first_break(inside: Flask) -> None:
    assert "Nothing is in the chain yet" in command(inside, "head").output
    write()
    said = command(inside, "verify")
    assert (said.exit_code, said.output) == (0, "The audit chain is whole.\n")
    n, link = command(inside, "head").output.split()
    assert command(inside, "verify", "--head", n, link).exit_code == 0
    assert command(inside, "verify", "--head", n, "0" * 64).exit_code == 1
    behind_its_back(update(AuditEntry).where(AuditEntry.n.in_([2, 3])).values(codes="r2"))
    said = command(inside, "verify")
    assert said.exit_code == 1
    assert "breaks at entry 2: it is not what was written. It says decide.hide, 2026-11-23 02:00 UTC." in said.output


def test_a_chain_from_before_the_head_goes_on(inside: Flask) -> None:
    """The program of the schema before writes no head; the next link does."""
    write(2)
    with transaction():
        here().execute(delete(AuditHead))
    assert broken() is None
    write(1)
    assert broken() is None
    assert row(audit.select(AuditHead.n)).n == 3  # type: ignore[union-attr]


# --- The program's own role ---


@contextlib.contextmanager
def as_role(name: str) -> Iterator[None]:
    """Every session of this block is that role's."""

    def become(connection: object, *_more: object) -> None:
        with connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(f"SET ROLE {name}")

    engines = list(db.engines.values())
    for engine in engines:
        engine.dispose()
        event.listen(engine, "connect", become)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "connect", become)
            engine.dispose()


@pytest.fixture
def role(inside: Flask) -> Iterator[str]:
    """A role of the server that owns nothing."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no roles")
    with transaction():
        here().execute(text("CREATE ROLE forum_program"))
    yield "forum_program"
    with transaction():
        here().execute(text("DROP OWNED BY forum_program"))
        here().execute(text("DROP ROLE forum_program"))


def test_m14_the_program_adds_to_the_chain_and_cannot_change_it(inside: Flask, role: str) -> None:
    write(1)
    assert audit_role.examine()[0] is False, "who owns the tables can put the triggers to sleep"
    assert command(inside, "grant", role).exit_code == 0
    with as_role(role):
        assert audit_role.examine() == (True, "only grows")
        write(1)
        assert broken() is None
        for statement in (
            "UPDATE audit_entry SET codes = ''",
            "DELETE FROM audit_entry",
            "TRUNCATE audit_entry",
            "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only",
        ):
            with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), transaction():
                here().execute(text(statement))
    assert row(audit.select(AuditHead.n)).n == 2  # type: ignore[union-attr]


def test_a_role_that_may_change_it_is_red(inside: Flask, role: str) -> None:
    audit_role.grant(role)
    with transaction():
        here().execute(text(f"GRANT DELETE ON audit_entry TO {role}"))
    with as_role(role):
        fine, words = audit_role.examine()
    assert not fine
    assert "DELETE" in words


def test_the_doctor_says_what_guards_the_chain(inside: Flask) -> None:
    said = inside.test_cli_runner().invoke(args=["doctor"]).output
    sqlite = db.engine.dialect.name == "sqlite"
    assert ("ok  audit chain" if sqlite else "RED audit chain: the program owns it") in said


def test_granting_refuses_what_cannot_be(inside: Flask) -> None:
    expected = Invalid if db.engine.dialect.name == "sqlite" else NotFound
    with pytest.raises(expected):
        audit_role.grant("nobody; DROP TABLE post")
