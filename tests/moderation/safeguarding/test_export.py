"""A record that leaves: whole, in order, the same bytes each time; without other people; and written down."""

import io
import json
import zipfile

import pytest
from sqlalchemy import select

from forum.base.db import rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.conversations import masks
from forum.models import Role
from moderation.models import AuditEntry
from moderation.safeguarding import chronology, concerns, export, export_content, handing, transitions
from moderation.safeguarding.models import EventKind, Kind, Origin
from tests.moderation.safeguarding.sealed import LEFT, sealed
from tests.moderation.safeguarding.test_opening import Stage, emergency
from tests.moderation.safeguarding.test_sealed_pages import concern_about
from tests.world import World, text_of

WHY = "For the council’s adult team."


@pytest.fixture
def stage(world: World) -> Stage:
    """A concern with a few lines."""
    on = sealed(world)
    found = Stage(on, concern_about(on))
    with world.app.app_context():
        emergency(found, on.tier.lead)
        name = on.world.person(on.group, name="Calm Otter").name
        said = f"She said that {name} gave her 07700 900456 [[and his sister too]]. میں ٹھیک ہوں"
        transitions.write_note(found.actor(on.tier.lead), found.concern, EventKind.SAID, said)
    return found


def take(stage: Stage, **choices: bool) -> bytes:
    stage.on.world.step_up(stage.on.tier.lead)
    return export.take(stage.actor(stage.on.tier.lead), stage.concern, WHY, others=choices.get("others", False))


def files(stage: Stage, export_id: bytes) -> dict[str, bytes]:
    packed = export.read(stage.actor(stage.on.tier.lead), export_id)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def record(stage: Stage, export_id: bytes) -> dict:
    return json.loads(files(stage, export_id)["record.json"])


def test_sg15_all_lines_up_to_the_cut_off_in_order(inside, stage: Stage):
    before = chronology.lines(stage.case)
    told = record(stage, take(stage))
    assert [one["n"] for one in told["lines"]] == [one.n for one in before] == list(range(1, len(before) + 1))
    assert [one["kind"] for one in told["lines"]] == [one.kind.value for one in before]
    assert chronology.lines(stage.case)[-1].kind is EventKind.EXPORTED


def test_sg15_the_same_cut_off_gives_the_same_bytes(inside, stage: Stage):
    taken = take(stage)
    first = export.read(stage.actor(stage.on.tier.lead), taken)
    stage.on.world.moment.go(days=40)
    stage.on.world.person(stage.on.group, name="Gave")
    stage.on.world.signed_in_again(stage.on.member)
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        manifest = archive.read("manifest.sha256").decode()
        for name in ("record.json", "record.pdf"):
            assert export_content.sha(archive.read(name)) == export_content.hash_of(manifest, name)
    assert files_of(stage, taken) == first


def files_of(stage: Stage, taken: bytes) -> bytes:
    """The copy once more, by an officer who signs in again."""
    return export.read(stage.actor(stage.on.tier.deputy), taken)


def test_a_second_copy_of_the_same_lines_is_the_same_but_for_who_took_it(inside, stage: Stage):
    lines, case = chronology.lines(stage.case), stage.case
    one = export.Taken("Lee", "lead", "2026-11-23T02:00:00+00:00", WHY, False, ("Calm Otter",))
    two = export.Taken("Dee", "deputy", "2026-11-24T02:00:00+00:00", "Police.", False, ("Calm Otter",))
    first, second = (export_content.build(case, bytes([n]) * 16, lines, taken) for n, taken in enumerate((one, two)))
    assert first["record.json"] == second["record.json"]
    assert first["record.pdf"] != second["record.pdf"]
    assert first == export_content.build(case, bytes(16), lines, one)


def test_other_people_and_numbers_are_left_out(inside, stage: Stage):
    said = json.dumps(record(stage, take(stage)), ensure_ascii=False)
    assert "[another person] gave her" in said
    for gone in ("Calm Otter", "07700", "his sister", LEFT["name"], LEFT["place"]):
        assert gone not in said
    assert "میں ٹھیک ہوں" in said
    named = json.dumps(record(stage, take(stage, others=True)), ensure_ascii=False)
    assert "Calm Otter gave her 07700 900456 and his sister too" in named


def test_aliases_of_others_are_left_out_and_none_of_the_persons_own_says_whose_it_is(inside, stage: Stage):
    on, scope = stage.on, stage.on.group.scope
    topic, elsewhere = on.world.topic(on.facilitator), on.world.topic(on.facilitator)
    other = on.world.person(on.group)
    for who, where in ((on.member, topic), (on.member, elsewhere), (other, topic)):
        on.world.reply(who, where, "I cannot sleep.", masked=True)
    mine, theirs = masks.list_worn(scope, on.member.persona_id), masks.list_worn(scope, other.persona_id)
    raised = concerns.Raise(scope, Kind.ADULT, Origin.MEMBER, b"form", "mask", mine[0].id, "Worried.")
    stage.concern = concerns.raise_concern(raised).concern_id
    names = [one.alias for one in (*mine, *theirs)]
    said = f"{' and '.join(names)} and {on.member.name} all wrote tonight."
    transitions.write_note(stage.actor(on.tier.lead), stage.concern, EventKind.SAID, said)
    taken = take(stage)
    written = json.dumps(record(stage, taken), ensure_ascii=False)
    assert mine[0].alias in written, "the one whom it is about"
    for gone in (mine[1].alias, theirs[0].alias, on.member.name):
        assert gone not in written
    assert written.count(export_content.SOMEBODY) == 3
    on.world.reply(on.world.person(on.group), elsewhere, "Nor can I.", masked=True)
    assert json.dumps(record(stage, taken), ensure_ascii=False) == written


def test_a_line_that_changed_stops_the_copy(inside, stage: Stage, monkeypatch):
    taken = take(stage)
    real = chronology.lines
    monkeypatch.setattr(chronology, "lines", lambda *given: real(*given)[1:])
    with pytest.raises(Conflict):
        export.read(stage.actor(stage.on.tier.lead), taken)


def test_only_officers_who_see_the_concern_take_or_read_it(inside, stage: Stage):
    taken, on = take(stage), stage.on
    on.world.second_step(on.facilitator)
    on.world.step_up(on.facilitator)
    with pytest.raises(NotAllowed):
        export.take(stage.actor(on.facilitator), stage.concern, WHY, others=False)
    handing.recuse(stage.actor(on.tier.lead), stage.concern, on.deputy.id, "They are sisters, as I hear.")
    for person in (on.facilitator, on.tier.deputy, on.member, on.world.person(on.group, Role.FACILITATOR)):
        with pytest.raises(NotFound):
            export.read(stage.actor(person), taken)
    on.world.step_up(on.tier.lead)
    with pytest.raises(Invalid):
        export.take(stage.actor(on.tier.lead), stage.concern, " ", others=False)


def test_taking_and_reading_stand_in_the_audit_chain(inside, stage: Stage):
    files(stage, take(stage))
    found = [r.action for r in rows(select(AuditEntry.action).order_by(AuditEntry.n))]
    assert found[-2:] == ["concern.export", "concern.export.read"]


def test_the_sheets_say_who_took_them_and_what_they_could_not_draw(inside, stage: Stage):
    pdf = files(stage, take(stage))["record.pdf"]
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 5_000


@pytest.mark.pages
def test_the_page_takes_a_copy_and_hands_it_out(world: World) -> None:
    on = sealed(world)
    here = f"/concerns/{write_ident(concern_about(on))}/export"
    world.step_up(on.tier.lead)
    assert on.tier.lead.send(here, {"why": ""}).status_code == 422
    assert on.tier.lead.send(here, {"why": WHY}).status_code == 303
    page = on.tier.lead.get(here)
    assert WHY in text_of(page)
    link = page.get_data(as_text=True).split('href="/exports/')[1].split('"')[0]
    got = on.tier.lead.get(f"/exports/{link}")
    assert got.mimetype == "application/zip"
    assert "record.zip" in got.headers["Content-Disposition"]
    assert on.member.get(f"/exports/{link}").status_code == 404
