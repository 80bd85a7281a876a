"""Four stores, each with what belongs there and nothing else (decisions.md §6): live rows, sealed evidence that its author
can list, a record of ids and codes, and a list of what was erased that no copy of the database holds."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, select

from forum.base import clock, erasures, jobs
from forum.base.db import db, row, rows
from forum.base.idents import write_ident
from forum.conversations import usecases as posting
from forum.models import Post, PostState, Role
from moderation import appeals, audit, decisions, evidence, notes, report_targets, reports
from moderation.decisions import Verdict
from moderation.models import AuditEntry, CaseItem, CaseKind, Choice, Decision, Effect, Evidence
from moderation.reports import Saying
from moderation.round_models import NoteKind
from tests.anonymity.traces import everything
from tests.world import Person, World, post_url, text_of

#: One for each thing that somebody writes; none may be read in any row once the words are away.
WORDS, REASON, TOLD, NOTE, APPEAL = (f"canary-{n}" for n in ("words", "reason", "told", "note", "appeal"))
WHY = f"Please leave out where somebody lives. {REASON}"
CODES = re.compile(r"[a-z0-9_:,.\-]*")
DIGEST = re.compile(r"[0-9a-f]{32}")


class Story:
    """Heron told about words of Wren's, Owl put them away and noted why for the team; Wren disagrees."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group, name="Mossy Wren"), world.person(self.group)
        self.owl, self.jay = world.person(self.group, Role.MODERATOR), world.person(self.group, Role.MODERATOR)
        self.post = world.reply(self.wren, world.topic(self.heron), f"I live in Rose Street. {WORDS}")
        self.before = rows_with(WORDS)
        about = (CaseKind.REPORT, lambda now: report_targets.of_post(now, self.post), Saying(words=TOLD))
        self.item = reports.tell(self.heron.actor, *about)
        owl = self.owl.actor
        notes.write(owl, self.item, NoteKind.NOTE, f"We know the street. {NOTE}")
        self.decision = decisions.decide(owl, self.item, Verdict(Choice.HIDE, 0, 0, WHY, "be-kind"))
        world.settle()
        self.appeal = appeals.appeal(self.wren.actor, self.post, f"It is a made-up street. {APPEAL}")

    def kept_page(self, person: Person) -> str:
        """What is kept of somebody's words, as they read it themselves."""
        return text_of(person.get(f"/g/{self.group.address}/going/kept"))


@pytest.fixture
def story(world: World, inside: object) -> Story:
    return Story(world)


def rows_with(words: str) -> list[str]:
    """The tables in which something can be read by whoever has the rows and no key."""
    return [table for table, found in everything().items() for one in found if words in repr(tuple(one))]


def copy_of(story: Story) -> tuple[bytes, object]:
    found = row(select(Evidence.id, Evidence.keep_until).where(Evidence.post_id == story.post))
    assert found
    return found.id, found.keep_until


# --- Live rows --------------------------------------------------------------------------------------------------------


def test_live_rows_keep_place_and_state_and_not_one_word(story: Story) -> None:
    assert "post" in story.before, "it was there to be found"
    for words in (WORDS, REASON, TOLD, NOTE, APPEAL, "Rose Street"):
        assert rows_with(words) == [], words
    found = row(select(Post.state, Post.body, Post.html, Post.seq).where(Post.id == story.post))
    assert found
    assert (found.state, found.body, found.html, found.seq) == (PostState.HIDDEN, "", "", 2)
    assert rows(select(Effect.id).where(Effect.post_id == story.post))


# --- Sealed evidence --------------------------------------------------------------------------------------------------


def test_evidence_is_sealed_and_has_a_time_of_its_own(story: Story) -> None:
    copy_id, keep_until = copy_of(story)
    kept = evidence.open_copy(story.group.scope, copy_id)
    assert kept
    assert WORDS in kept.body
    assert REASON in kept.reason
    assert keep_until == (clock.now() + evidence.KEPT).date()
    other = story.world.group()
    assert evidence.open_copy(other.scope, copy_id) is None


def test_evidence_outlives_the_words_and_not_its_time_and_the_decision_outlives_both(story: Story) -> None:
    copy_id, _until = copy_of(story)
    posting.withdraw_post(story.wren.actor, story.post)
    story.world.moment.go(days=182)
    jobs.run_due()
    assert evidence.open_copy(story.group.scope, copy_id)
    story.world.moment.go(days=3)
    jobs.run_due()
    assert evidence.open_copy(story.group.scope, copy_id) is None
    assert row(select(Decision.id).where(Decision.id == story.decision))
    assert row(select(Post.id).where(Post.id == story.post))


def test_its_author_finds_it_listed_with_its_last_day_and_nobody_else_does(story: Story) -> None:
    last = (clock.now() + evidence.KEPT).date()
    mine = story.kept_page(story.wren)
    assert f"{last.day} {last:%b %Y}" in mine
    for other in (story.heron, story.jay):
        assert f"{last.year}" not in story.kept_page(other)
    assert WORDS in text_of(story.wren.get(post_url(story.post, "decision")))
    assert story.heron.get(post_url(story.post, "decision")).status_code == 404


def test_its_author_takes_a_copy_of_it_along(story: Story) -> None:
    story.wren.send(f"/g/{story.group.address}/copy")
    story.world.moment.go(hours=25)
    jobs.run_due()
    held = json.loads(story.wren.get(f"/g/{story.group.address}/copy/data").data)
    assert WORDS in json.dumps(held)
    assert TOLD not in json.dumps(held), "what others told is theirs"
    assert NOTE not in json.dumps(held)


# --- The record -------------------------------------------------------------------------------------------------------


def test_the_record_holds_ids_and_codes_and_not_a_word(story: Story) -> None:
    entries = rows(select(*AuditEntry.__table__.columns))
    assert {"decide.hide", "appeal.open"} <= {one.action for one in entries}
    for one in entries:
        assert DIGEST.fullmatch(one.actor), one
        assert DIGEST.fullmatch(one.subject), one
        assert CODES.fullmatch(one.action), one
        assert CODES.fullmatch(one.codes), one
    said = repr([tuple(one) for one in entries])
    for known in (story.owl.persona_id, story.wren.persona_id, story.item, story.decision, story.post.to_bytes(8)):
        assert known.hex() not in said
    assert audit.digest("persona", story.owl.persona_id) in said, "and whoever has the keys finds what they look for"


def test_the_record_stays_when_evidence_and_words_are_gone(story: Story) -> None:
    before = rows(select(AuditEntry.n, AuditEntry.link))
    story.world.moment.go(days=400)
    jobs.run_due()
    assert rows(select(AuditEntry.n, AuditEntry.link).where(AuditEntry.n <= len(before))) == before
    assert audit.find_break() is None


# --- What was erased --------------------------------------------------------------------------------------------------


def test_what_was_erased_stands_in_a_file_of_ids_and_days_outside_the_database(story: Story) -> None:
    settings = story.world.app.extensions["settings"]
    ledger = Path(settings.erasure_ledger)
    before = ledger.read_text("utf-8") if ledger.exists() else ""
    open_post = story.world.reply(story.wren, story.world.topic(story.heron), f"With my street. {WORDS}")
    posting.edit_post(story.wren.actor, open_post, "Without it.", "en")
    version = row(select(_VERSION.c.id).where(_VERSION.c.post_id == open_post))
    assert version
    posting.erase_version(story.wren.actor, open_post, version.id)
    lines = [json.loads(line) for line in ledger.read_text("utf-8")[len(before) :].splitlines()]
    assert [(one["table"], one["id"]) for one in lines] == [("post_version", write_ident(version.id))]
    for one in lines:
        assert set(one) <= {"table", "id", "day", "back"}
        assert one["day"] == clock.today().isoformat()
    assert ("post_version", version.id) in list(erasures.noted())
    assert not [name for name in inspect(db.engine).get_table_names() if "eras" in name]
    assert rows_with(write_ident(version.id)) == []


def test_an_erasure_leaves_evidence_of_an_open_item_its_time(story: Story) -> None:
    """What somebody appeals about is kept until nobody can appeal any more, whatever its author takes back."""
    posting.withdraw_post(story.wren.actor, story.post)
    story.world.moment.go(days=21)
    jobs.run_due()
    item = row(select(CaseItem.decided).where(CaseItem.id == story.appeal))
    assert item
    assert not item.decided
    assert [copy.body.endswith(WORDS) for copy in evidence.list_copies(story.group.scope, story.appeal)] == [True]
    assert copy_of(story)[1] >= clock.today() + timedelta(days=160)  # type: ignore[operator]


_VERSION = db.metadata.tables["post_version"]
