"""Migrations on both databases: they make what the models say, carry rows up and down, and keep the audit chain closed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import DatabaseError

from forum.accounts import staff
from forum.accounts import usecases as accounts
from forum.base import clock, jobs, keyring, rotation
from forum.base.db import db, rows
from forum.base.idents import read_ident, write_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.conversations import choosing, entrance, fragments, looking_after, outside, team
from forum.conversations.prepare import Words
from forum.ground_rules import ballots, votes
from forum.groups import examples, invitations, people, reading
from forum.groups import usecases as joining
from forum.help import usecases as remarks
from forum.models import (
    Board,
    CharterProposal,
    CharterVote,
    Conversation,
    Door,
    DutySlot,
    Group,
    Listing,
    Persona,
    PersonaPage,
    Post,
    SetupStep,
    Standing,
    VoteResult,
    Welcomer,
)
from forum.policy.actor import Actor
from forum.policy.members import get_scope
from forum.policy.members import writer_in as actor_with
from forum.web import sessions, sign_ins
from moderation import audit, decisions, evidence, not_for, report_targets, reports
from moderation.models import CaseItem, CaseKind, Choice, Source
from tests.conftest import Clock, forget
from tests.migrations import carried
from tests.world import BASE


def all_revisions() -> list[str]:
    """Every migration, oldest first."""
    return [r.revision for r in reversed(list(ScriptDirectory(carried.MIGRATIONS).walk_revisions()))]


@dataclass(frozen=True)
class Empty:
    """A database without any table, of one of the two kinds."""

    name: str
    url: str
    folder: Path

    def program(self, revision: str = "") -> Flask:
        """The program over it."""
        return carried.program(self.url, self.folder, revision)


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, ring: keyring.Keyring) -> Iterator[Empty]:
    """A database of this test's own."""
    if request.param == "sqlite":
        yield Empty("sqlite", f"sqlite:///{tmp_path / 'forum.db'}", tmp_path)
    else:
        server = request.getfixturevalue("postgres_server")
        url = server.create_database(f"forum_migrated_{tmp_path.name}"[:60])
        yield Empty("postgres", url, tmp_path)
        server.drop_database(url.rsplit("/", 1)[1])
    forget(ring)


@pytest.fixture
def app(empty: Empty) -> Iterator[Flask]:
    """The program over the empty database."""
    made = empty.program()
    yield made
    carried.close(made)


def of_full_text(name: str | None) -> bool:
    """SQLite's full-text table with its parts, and PostgreSQL's full-text index: neither has a like on the other."""
    return (name or "").startswith("post_search_fts") or name == "ix_post_search_words"


def differences(app: Flask) -> list[object]:
    """What Alembic would change to make the database as the models say."""
    with app.app_context(), db.engine.connect() as connection:
        options = {"compare_type": True, "include_object": lambda _thing, name, *_more: not of_full_text(name)}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata))


# --- Schema ------------------------------------------------------------------------------------------------------


def test_r14_the_migrated_schema_is_the_models(app: Flask) -> None:
    carried.migrate(app, "head")
    assert differences(app) == []


@pytest.mark.parametrize(
    "change",
    [
        "DROP INDEX ix_post_answers",
        "ALTER TABLE draft ADD COLUMN more text",
        "DROP TABLE draft",
        "CREATE TABLE extra (n integer PRIMARY KEY)",
    ],
)
def test_r14_a_schema_that_differs_is_noticed(app: Flask, change: str) -> None:
    carried.migrate(app, "head")
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(change)
    assert differences(app)


def test_r14_check_constraints_and_references_are_the_models(app: Flask) -> None:
    """Alembic compares neither checks nor, on SQLite, all of a reference."""
    carried.migrate(app, "head")
    with app.app_context():
        found = sa.inspect(db.engine)
        for table in db.metadata.sorted_tables:
            checks = {str(c.name) for c in table.constraints if isinstance(c, sa.CheckConstraint)}
            assert {c["name"] for c in found.get_check_constraints(table.name)} == checks, table.name
            wanted = {(c.parent.name, c.target_fullname, c.ondelete) for c in table.foreign_keys}
            there = {
                (
                    c["constrained_columns"][0],
                    f"{c['referred_table']}.{c['referred_columns'][0]}",
                    c["options"].get("ondelete"),
                )
                for c in found.get_foreign_keys(table.name)
            }
            assert there == wanted, table.name


# --- Rows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", carried.REVISIONS)
def test_r14_a_fixture_has_rows_in_every_table_of_its_schema(app: Flask, revision: str) -> None:
    carried.migrate(app, revision)
    with app.app_context():
        found = sa.inspect(db.engine).get_table_names()
        tables = {name for name in found if name != "alembic_version" and not of_full_text(name)}
    known = carried.fixture(revision)["tables"]
    assert set(known) == tables
    assert all(known.values()), [name for name, rows in known.items() if not rows]


@pytest.mark.parametrize("revision", carried.REVISIONS)
def test_r14_rows_go_up_to_the_newest_schema_and_down_again(app: Flask, revision: str) -> None:
    """One step at a time; each loses no row of a table that stays."""
    known = carried.fixture(revision)["tables"]
    carried.migrate(app, revision)
    with app.app_context():
        carried.put_in(db.engine, known)
        before = carried.counts(db.engine, list(known))
    later = all_revisions()[all_revisions().index(revision) + 1 :]
    for step in [*later, *reversed([revision, *later][:-1])]:
        carried.migrate(app, step)
        assert carried.current(app) == step
        with app.app_context():
            stays = [n for n in known if n in sa.inspect(db.engine).get_table_names()]
            assert carried.counts(db.engine, stays) == {n: before[n] for n in stays}
    with app.app_context():
        assert carried.counts(db.engine, list(known)) == before
    carried.migrate(app, "base")
    with app.app_context():
        assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
    carried.migrate(app, "head")
    assert differences(app) == []


@pytest.fixture
def upgraded(empty: Empty, moment: Clock) -> Iterator[Callable[[str], tuple[Flask, dict[str, Any]]]]:
    """The program over a fixture that was upgraded to the newest schema, at the fixture's own hour."""
    made: list[Flask] = []

    def upgrade(revision: str) -> tuple[Flask, dict[str, Any]]:
        known = carried.fixture(revision)
        app = empty.program(revision)
        app.testing = False
        made.append(app)
        carried.migrate(app, revision)
        with app.app_context():
            carried.put_in(db.engine, known["tables"])
        carried.migrate(app, "head")
        moment.at = datetime.fromisoformat(known["at"])
        entrance.forget_all()
        fragments.forget()
        return app, known

    yield upgrade
    for app in made:
        carried.close(app)


Upgraded = Callable[[str], tuple[Flask, dict[str, Any]]]


def page(app: Flask, cookie: str, path: str) -> str:
    client = app.test_client()
    client.set_cookie(sessions.COOKIE, cookie, domain="localhost", secure=True)
    answer = client.get(path, base_url=BASE)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("revision", carried.REVISIONS)
def test_r14_people_find_everything_after_the_upgrade(upgraded: Upgraded, revision: str) -> None:
    app, known = upgraded(revision)
    wren, heron = known["cookies"]["Quiet Wren"], known["cookies"]["Grey Heron"]
    topic = page(app, wren, known["topic"])
    for words in (
        "The first carried words.",
        "Named words, edited.",
        "Masked words.",
        "With a quote.",
        "Unsent words.",
    ):
        assert words in topic
    for gone in ("Taken back.", "Held words", "Named words, first."):
        assert gone not in topic
    here = {"bytes": (read_ident(known["topic"].rpartition("/")[2]) or b"").hex()}
    assert [m["alias"] for m in known["tables"]["mask"] if m["conversation_id"] == here and m["alias"] in topic]
    assert "A carried topic" in page(app, wren, known["board"])
    assert "my tablet" in page(app, wren, "/devices")
    assert known["group"] in page(app, wren, "/")
    there = {p["id"] for p in known["tables"]["post"] if p["conversation_id"] == here}
    items = [c for c in known["tables"]["case_item"] if c["kind"] == "hold" and c["post_id"] in there]
    held = [carried.read(c["id"]) for c in items]  # elsewhere this moderator wrote, and so does not decide
    addresses = [f"/cases/{write_ident(item_id)}" for item_id in held]
    queue = page(app, heron, f"/g/{known['group']}/team")
    assert all(address in queue for address in addresses)
    assert any("Held words" in page(app, heron, address) for address in addresses)


@pytest.mark.parametrize("kind", ["report", "welfare"])
def test_open_reports_and_worries_move_to_the_one_list(upgraded: Upgraded, kind: str) -> None:
    """With the times and the words that they had. Whom they name finds no more of them than before."""
    app, known = upgraded("0003")
    (before,) = (c for c in known["tables"]["case_item"] if c["kind"] == kind)
    item_id = carried.read(before["id"])
    with app.app_context():
        columns = (CaseItem.group_id, CaseItem.opened_hour, CaseItem.due_at, CaseItem.decided, CaseItem.source)
        ((group_id, *after),) = rows(sa.select(*columns).where(CaseItem.id == item_id))
        assert after == [carried.read(before["opened_hour"]), carried.read(before["due_at"]), False, Source.MEMBER]
        scope = get_scope(group_id)
        assert scope
        ((said,),) = reports.list_sayings(scope, item_id)
        assert said.words == {"report": "This was about me.", "welfare": "They sound so low."}[kind]
        assert [copy.author for copy in evidence.list_copies(scope, item_id)] == ["Grey Heron"]
        robin = rows(sa.select(Persona.id).where(Persona.name == "Kind Robin"))[0].id
        assert item_id not in not_for.list_hidden(scope, [robin], [item_id])
    assert write_ident(item_id) not in page(app, known["cookies"]["Grey Heron"], f"/g/{known['group']}/team")


@pytest.mark.parametrize("revision", carried.REVISIONS)
def test_r14_the_program_goes_on_with_what_it_finds(upgraded: Upgraded, revision: str, moment: Clock) -> None:
    """Jobs that waited are done, seals open and are renewed, the audit chain is whole and grows."""
    app, known = upgraded(revision)
    moment.go(seconds=11)
    with app.app_context():
        jobs.run_due()
        assert [j for j in jobs.list_waiting() if j["last_error"]] == []
        assert audit.find_break() is None
        keyring.use(keyring.the_keyring().rotated(keyring.Purpose.TAG).rotated(keyring.Purpose.SEAL))
        list(rotation.renew_old())
        assert rotation.count_old() == 0
    topic = page(app, known["cookies"]["Slow Plover"], known["topic"])
    assert "Still sending." in topic
    assert "Hide my name. I am" in topic
    assert clock.now() == moment.at


def test_r14_groups_of_the_first_schema_are_open_and_their_boards_for_everyone(upgraded: Upgraded) -> None:
    app, _known = upgraded("0001")
    with app.app_context():
        assert all(r.opened_at is not None for r in rows(sa.select(Group.opened_at)))
        assert set(rows(sa.select(Board.readers, Board.starters, Board.repliers))) == {(0, 0, 0)}
        assert {r.joined_on for r in rows(sa.select(Persona.joined_on))} == {None}


def test_r14_what_setting_up_keeps_goes_with_the_second_schema(upgraded: Upgraded) -> None:
    """Down again with rows in its tables: they are lost, as the migration says, and nothing else is."""
    app, known = upgraded("0001")
    with app.app_context():
        half = staff.accept(Actor(), staff.invite(), "far window", "a long enough one")
        assert half.half
        group = rows(sa.select(Group.id))[0].id
        with transaction():
            here().execute(sa.insert(SetupStep).values(group_id=group, step="rules", done_on=clock.today()))
        before = carried.counts(db.engine, ["group", "board", "persona"])
    carried.migrate(app, "0001")
    with app.app_context():
        assert carried.counts(db.engine, ["group", "board", "persona"]) == before
        assert "staff" not in sa.inspect(db.engine).get_table_names()
    assert known


def test_r14_examples_and_remarks_go_with_the_second_schema(upgraded: Upgraded) -> None:
    """A world that was upgraded takes both in; down again they are gone and the groups are not."""
    app, known = upgraded("0001")
    with app.app_context():
        group = rows(sa.select(Group.id))[0].id
        voices = examples.prepare_voices([examples.Voice("Made Up", "Hello?"), examples.Voice("Also Made", "Hello.")])
        with transaction():
            examples.add_example(group, "Made up", voices)
        remarks.give_feedback("accounts.show_help", "good", "Plain words.")
        assert carried.counts(db.engine, ["example", "example_post", "feedback"]) == {
            "example": 1,
            "example_post": 2,
            "feedback": 1,
        }
    carried.migrate(app, "0001")
    carried.migrate(app, "head")
    with app.app_context():
        assert set(carried.counts(db.engine, ["example", "example_post", "feedback"]).values()) == {0}
    assert "Made up" not in page(app, known["cookies"]["Quiet Wren"], f"/g/{known['group']}/examples")


def test_r14_a_line_to_the_team_and_duty_times_go_with_the_second_schema(upgraded: Upgraded) -> None:
    """Down again the line's words go too: the program before would let every member read them. Times of the week stay."""
    app, known = upgraded("0001")
    with app.app_context():
        wren = rows(sa.select(Persona.id, Persona.group_id).where(Persona.name == "Quiet Wren"))[0]
        scope = get_scope(wren.group_id)
        assert scope
        before = carried.counts(db.engine, ["conversation", "post", "duty_slot", "duty_exception"])
        sign_in = sign_ins.find(sign_ins.hash_of(known["cookies"]["Quiet Wren"]))
        assert sign_in
        actor = Actor(sign_in.account_id)
        line = team.write_to_team(actor, scope, Words("Only for the team."), "one form").conversation_id
        outside.report_line(actor_with(actor, scope), line, "Only for others.")
        assert carried.counts(db.engine, ["team_line", "outside_report"]) == {"team_line": 1, "outside_report": 1}
        assert "Only for the team." in page(app, known["cookies"]["Quiet Wren"], f"/line/{write_ident(line)}")
        assert rows(sa.select(DutySlot.persona_id)) == [(None,)] * before["duty_slot"]
    carried.migrate(app, "0001")
    with app.app_context():
        assert carried.counts(db.engine, list(before)) == before
    carried.migrate(app, "head")
    with app.app_context():
        assert set(carried.counts(db.engine, ["team_line", "outside_report", "duty_swap"]).values()) == {0}


def test_r14_ways_in_go_with_the_second_schema_and_leave_no_door_open(upgraded: Upgraded) -> None:
    """Up, every group is listed as it was. Down again, what the older program does not know is shut, and nobody is in."""
    app, known = upgraded("0001")
    with app.app_context():
        assert {r.listing for r in rows(sa.select(Group.listing))} == {Listing.LISTED}
        found = rows(sa.select(Group.id, Group.organisation_id))
        scope = Scope(found[0].organisation_id, found[0].id)
        with transaction():
            waiting = joining.add_persona(scope, accounts.make_account(), "Late Fern", standing=Standing.WAITING).id
            people.propose(scope, waiting, b"b" * 16, "Why.")
            reading._keep(b"f" * 16, {"group_id": scope.group_id, "day": clock.today(), "conversations": 90})
            here().execute(sa.update(Group).where(Group.id == scope.group_id).values(door=Door.REQUEST))
        invitations.hold_for_link(b"c" * 32, scope, "a secret")
        assert set(carried.counts(db.engine, list(WAYS_IN)).values()) == {1}
    carried.migrate(app, "0001")
    with app.app_context(), db.engine.connect() as connection:
        doors = connection.execute(sa.text('SELECT DISTINCT door FROM "group" WHERE id = :g'), {"g": scope.group_id})
        assert doors.scalars().all() == ["shut"]
        assert connection.scalar(sa.text("SELECT count(*) FROM persona WHERE standing = 'waiting'")) == 0
        assert connection.scalar(sa.text("SELECT count(*) FROM persona WHERE name = 'Late Fern'")) == 1
    carried.migrate(app, "head")
    with app.app_context():
        assert set(carried.counts(db.engine, list(WAYS_IN)).values()) == {0}
    assert known


#: The tables of ways into a group.
WAYS_IN = ("invitation", "held_invitation", "proposed_removal", "unusual_reading")


# --- The audit chain ---------------------------------------------------------------------------------------------


def triggers(app: Flask) -> dict[str, str]:
    """What guards the audit table, as the database itself tells it."""
    queries = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'",
        "postgresql": (
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE tgrelid = 'audit_entry'::regclass AND NOT tgisinternal AND tgenabled = 'O'"
        ),
    }
    with app.app_context(), db.engine.connect() as connection:
        found = connection.exec_driver_sql(queries[db.engine.dialect.name]).all()
    return {name: plain(text) for name, text in found}


def plain(definition: str) -> str:
    """A trigger's definition without what databases spell as they like."""
    text = " ".join(definition.replace("public.", "").split())
    return re.sub(r"\b(UPDATE|DELETE)( OR (UPDATE|DELETE))+", lambda m: " OR ".join(sorted(m[0].split(" OR "))), text)


@pytest.mark.parametrize("revision", all_revisions())
def test_sec_s31_after_each_migration_the_triggers_are_those_of_the_list(app: Flask, revision: str) -> None:
    carried.migrate(app, revision)
    with app.app_context():
        listed = audit.TRIGGERS[db.engine.dialect.name]
    assert triggers(app) == {name: plain(text) for name, text in listed.items()}


def test_sec_s31_the_function_behind_them_is_that_of_the_list(app: Flask) -> None:
    carried.migrate(app, "head")
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            return
        with db.engine.connect() as connection:
            source = connection.exec_driver_sql(
                "SELECT prosrc FROM pg_proc WHERE proname = 'audit_entry_refuse'"
            ).scalar()
    assert source is not None
    assert " ".join(source.split()) in " ".join(audit.POSTGRES_FUNCTION.split())


REFUSED = {
    "sqlite": ["UPDATE audit_entry SET codes = ''", "DELETE FROM audit_entry", "DELETE FROM audit_entry WHERE n = 1"],
    "postgresql": [
        "UPDATE audit_entry SET codes = ''",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "TRUNCATE audit_entry CASCADE",
    ],
}


@pytest.mark.parametrize("revision", carried.REVISIONS)
def test_sec_s31_the_database_refuses_to_change_the_chain(app: Flask, revision: str) -> None:
    carried.migrate(app, revision)
    with app.app_context():
        carried.put_in(db.engine, carried.fixture(revision)["tables"])
    carried.migrate(app, "head")
    with app.app_context():
        for statement in REFUSED[db.engine.dialect.name]:
            with pytest.raises(DatabaseError, match="append-only"), db.engine.begin() as connection:
                connection.exec_driver_sql(statement)
        links = len(carried.fixture(revision)["tables"]["audit_entry"])
        assert carried.counts(db.engine, ["audit_entry"]) == {"audit_entry": links}


def test_sec_s31_without_its_triggers_the_chain_could_be_changed(app: Flask) -> None:
    """And the comparison says so, even if the trigger is only switched off."""
    carried.migrate(app, "head")
    with app.app_context():
        name = db.engine.dialect.name
        for change in {
            "sqlite": ["DROP TRIGGER audit_entry_no_delete"],
            "postgresql": ["ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only"],
        }[name]:
            with db.engine.begin() as connection:
                connection.exec_driver_sql(change)
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM audit_entry")
        assert triggers(app) != {n: plain(text) for n, text in audit.TRIGGERS[name].items()}


def test_r14_the_program_says_that_it_is_not_ready_on_another_schema(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/readyz", base_url=BASE).status_code == 503
    carried.migrate(app, "head")
    assert client.get("/readyz", base_url=BASE).status_code == 200
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert client.get("/readyz", base_url=BASE).status_code == 503


def test_r14_what_was_told_and_what_was_tended_go_with_the_third_schema(upgraded: Upgraded) -> None:
    """Down again what was told goes, with its copies and decisions; posts stay where they are, with what was decided
    about them."""
    app, known = upgraded("0002")
    stays = ["post", "conversation", "case_item", "evidence", "decision", "audit_entry"]
    with app.app_context():
        before = carried.counts(db.engine, stays)
        heron = rows(sa.select(Persona.id, Persona.group_id).where(Persona.name == "Grey Heron"))[0]
        scope = get_scope(heron.group_id)
        sign_in = sign_ins.find(sign_ins.hash_of(known["cookies"]["Grey Heron"]))
        assert scope
        assert sign_in
        actor = actor_with(Actor(sign_in.account_id), scope)
        post = rows(sa.select(Post.id, Post.conversation_id).where(Post.body == "Named words, edited."))[0]
        item = reports.tell(
            actor, CaseKind.WELFARE, lambda now: report_targets.of_author(now, post.id), reports.Saying(words="Why.")
        )
        assert [copy.body for copy in evidence.list_copies(scope, item)] == ["Named words, edited."]
        decisions.decide(actor, item, decisions.Verdict(Choice.SPOKEN, 0, words="Seen."))
        looking_after.pin(actor, post.conversation_id, True, "So that it is found.")
        told = {"report": 1, "case_not_for": 1, "conversation_event": 1}
        assert {name: count for name, count in carried.counts(db.engine, list(told)).items() if count} == told
    carried.migrate(app, "0002")
    with app.app_context():
        after = carried.counts(db.engine, stays)
        assert after == {**before, "audit_entry": after["audit_entry"]}
    carried.migrate(app, "head")
    with app.app_context():
        assert set(carried.counts(db.engine, list(told)).values()) == {0}


def test_r14_notes_and_choices_go_with_the_third_schema_and_words_stay(upgraded: Upgraded) -> None:
    """Earlier words have no note and no mark. Down again a reader sees everything, as ever; no word is touched."""
    app, known = upgraded("0002")
    with app.app_context():
        assert {tuple(r) for r in rows(sa.select(Post.notes, Post.mark))} == {(0, None)}
        bodies = sorted(r.body for r in rows(sa.select(Post.body)))
        heron = rows(sa.select(Persona.id, Persona.group_id).where(Persona.name == "Grey Heron"))[0]
        scope = get_scope(heron.group_id)
        sign_in = sign_ins.find(sign_ins.hash_of(known["cookies"]["Grey Heron"]))
        assert scope
        assert sign_in
        actor = actor_with(Actor(sign_in.account_id), scope)
        choosing.mute_word(actor, heron.group_id, "needle")
        assert carried.counts(db.engine, ["reader_choice"]) == {"reader_choice": 1}
    carried.migrate(app, "0002")
    carried.migrate(app, "head")
    with app.app_context():
        assert carried.counts(db.engine, ["reader_choice"]) == {"reader_choice": 0}
        assert sorted(r.body for r in rows(sa.select(Post.body))) == bodies


def test_r14_what_belongs_to_people_goes_with_the_third_schema_and_words_stay(upgraded: Upgraded) -> None:
    """Earlier posts have no reactions and earlier topics no question. Down and up again nobody says anything of themselves."""
    app, _known = upgraded("0002")
    there = ["persona_page", "welcomer"]
    with app.app_context():
        assert {r.reacted for r in rows(sa.select(Post.reacted))} == {0}
        assert {r.polled for r in rows(sa.select(Conversation.polled))} == {False}
        bodies = sorted(r.body for r in rows(sa.select(Post.body)))
        heron = rows(sa.select(Persona.id).where(Persona.name == "Grey Heron"))[0]
        with transaction():
            here().execute(sa.insert(PersonaPage).values(persona_id=heron.id, offers="I listen.", would_like=""))
            here().execute(sa.insert(Welcomer).values(persona_id=heron.id))
        assert carried.counts(db.engine, there) == dict.fromkeys(there, 1)
    carried.migrate(app, "0002")
    carried.migrate(app, "head")
    with app.app_context():
        none = [*there, "reaction", "poll", "poll_answer"]
        assert carried.counts(db.engine, none) == dict.fromkeys(none, 0)
        assert sorted(r.body for r in rows(sa.select(Post.body))) == bodies


def test_r14_a_vote_of_before_the_upgrade_is_counted_after_it(upgraded: Upgraded, moment: Clock) -> None:
    """With its one choice, its reason against the proposal, and one who called for another; ballots open and go."""
    app, known = upgraded("0005")
    (open_vote,) = known["tables"]["charter_vote"]
    reasons = known["tables"]["charter_objection"]
    assert len(reasons) == len(known["tables"]["charter_call"]) == 1
    with app.app_context():
        scope = get_scope(rows(sa.select(CharterProposal.group_id))[0].group_id)
        assert scope
        vote_id = carried.read(open_vote["id"])
        assert ballots.count(scope, vote_id) == {"agree": 1}
        list(rotation.renew_all())
        assert ballots.count(scope, vote_id) == {"agree": 1}
        moment.go(days=15)
        jobs.run_due(200)
        (closed,) = (one for one in votes.list_of(carried.read(open_vote["proposal_id"])) if one.id == vote_id)
        assert closed.extended
        moment.go(days=15)
        jobs.run_due(200)
        assert {r.result for r in rows(sa.select(CharterVote.result))} == {VoteResult.LAPSED}
