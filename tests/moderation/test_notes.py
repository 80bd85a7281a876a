"""What the team says to each other about an item: sealed, for those who may see it, and nothing else changes by it."""

import pytest
from sqlalchemy import select, update

from forum.base import jobs, rotation
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.models import Role
from moderation import notes, report_targets, reports
from moderation.models import CaseItem, CaseKind
from moderation.reports import Saying
from moderation.round_models import CaseNote, NoteKind
from tests.world import Person, World, text_of


class Told:
    """Something that was told to a team of three; one of them wrote what it is about, under an alias."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.robin, self.wren, self.author = (world.person(self.group, Role.MODERATOR) for _n in range(3))
        teller = world.person(self.group)
        topic = world.topic(teller)
        self.post = world.reply(self.author, topic, "Something.", masked=True)
        self.item = reports.tell(
            teller.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, self.post), Saying(words="Look.")
        )

    def write(self, who: Person, kind: NoteKind, words: str) -> None:
        notes.write(who.actor, self.item, kind, words)

    def read(self, who: Person) -> list[tuple[NoteKind, str, bool, str]]:
        return [(one.kind, one.by, one.mine, one.words) for one in notes.list_notes(who.actor, self.item)]


@pytest.fixture
def told(world: World, inside: None) -> Told:
    return Told(world)


def state_of(item_id: bytes) -> tuple[object, ...]:
    found = row(select(*CaseItem.__table__.columns).where(CaseItem.id == item_id))
    assert found
    return tuple(found)


def test_a_question_to_a_colleague_keeps_lease_and_clock(told: Told) -> None:
    before = state_of(told.item)
    told.write(told.robin, NoteKind.ASK, "Would you fold this?")
    assert notes.list_asking([told.item]) == {told.item}
    told.world.moment.go(minutes=2)
    told.write(told.wren, NoteKind.ANSWER, "I would leave it.")
    assert notes.list_asking([told.item]) == set()
    assert state_of(told.item) == before
    assert told.read(told.robin) == [
        (NoteKind.ASK, told.robin.name, True, "Would you fold this?"),
        (NoteKind.ANSWER, told.wren.name, False, "I would leave it."),
    ]


def test_a_note_is_no_question(told: Told) -> None:
    told.write(told.robin, NoteKind.NOTE, "I wrote to them.")
    assert notes.list_asking([told.item]) == set()
    assert [words for *_about, words in told.read(told.wren)] == ["I wrote to them."]


def test_sec_m13_to_whom_the_item_names_its_notes_do_not_exist(told: Told) -> None:
    told.write(told.robin, NoteKind.ASK, "Do you know them?")
    with pytest.raises(NotFound):
        notes.list_notes(told.author.actor, told.item)
    with pytest.raises(NotFound):
        told.write(told.author, NoteKind.ANSWER, "It is me.")
    with pytest.raises(NotFound):
        notes.list_notes(told.world.person(told.group).actor, told.item)
    assert len(told.read(told.wren)) == 1


@pytest.mark.parametrize("words", ["", "  \n ", "a" * 2_001])
def test_words_that_nobody_could_read_are_refused_and_others_kept(told: Told, words: str) -> None:
    with pytest.raises(Invalid):
        told.write(told.robin, NoteKind.NOTE, words)
    told.write(told.robin, NoteKind.NOTE, "a" * 2_000)
    assert len(told.read(told.robin)) == 1


def test_notes_are_sealed_and_a_rotation_renews_them(told: Told) -> None:
    told.write(told.robin, NoteKind.NOTE, "Sparrowhawk")
    kept = rows(select(CaseNote.sealed))[0].sealed
    assert b"Sparrowhawk" not in kept
    assert sum(rotation.renew_all()) > 0
    assert rows(select(CaseNote.sealed))[0].sealed != kept
    assert [words for *_about, words in told.read(told.wren)] == ["Sparrowhawk"]


def test_notes_stay_as_long_as_the_item_is_open_and_go_when_nobody_can_disagree(told: Told) -> None:
    told.write(told.robin, NoteKind.NOTE, "Still open.")
    told.world.moment.go(days=200)
    jobs.run_due()
    assert len(told.read(told.robin)) == 1
    with transaction():
        here().execute(update(CaseItem).where(CaseItem.id == told.item).values(decided=True))
    told.world.moment.go(days=40)
    jobs.run_due()
    assert rows(select(CaseNote.id)) == []


def test_a_question_is_asked_and_answered_on_the_pages_of_the_queue(told: Told) -> None:
    page, queue = f"/cases/{write_ident(told.item)}", f"/g/{told.group.address}/team"
    asked = told.robin.send(f"{page}/notes", {"note_words": "Would you fold this?", "kind": "ask"})
    assert asked.status_code == 303
    assert "A colleague asks what you think." in text_of(told.wren.get(queue))
    assert "A colleague asks" not in text_of(told.author.get(queue))
    assert "Would you fold this?" in text_of(told.wren.get(page))
    told.world.moment.go(minutes=1)
    told.wren.send(f"{page}/notes", {"note_words": "I would leave it.", "kind": "answer"})
    assert "A colleague asks what you think." not in text_of(told.robin.get(queue))
    assert "I would leave it." in text_of(told.robin.get(page))


def test_words_that_are_refused_stay_on_the_page(told: Told) -> None:
    page = f"/cases/{write_ident(told.item)}"
    refused = told.robin.send(f"{page}/notes", {"note_words": "b" * 2_001, "kind": "note"})
    assert refused.status_code == 422
    assert "b" * 2_001 in refused.text
    assert told.robin.send(f"{page}/notes", {"note_words": "Fine.", "kind": "nonsense"}).status_code == 404
