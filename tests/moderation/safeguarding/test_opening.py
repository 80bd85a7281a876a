"""Opening sealed contact details: who may, in which order it is written down, and what the member reads of it."""

from dataclasses import dataclass, replace

import pytest
from sqlalchemy import func, select

from forum.accounts import phrases
from forum.base import failpoints, jobs
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.transaction import transaction
from forum.models import OfficerRole, Post, Role
from forum.policy import record
from forum.policy.members import actor_in
from forum.web import sign_ins
from moderation import audit
from moderation.models import AuditEntry
from moderation.safeguarding import (
    cases,
    chronology,
    concerns,
    details,
    exclusions,
    handing,
    keys,
    opening,
    opening_queries,
    opening_told,
    transitions,
)
from moderation.safeguarding.key_models import DetailOpening, Way
from moderation.safeguarding.models import EventKind, Kind, Level, Origin, State
from moderation.safeguarding.opening_rules import Asked
from moderation.safeguarding.responders import Responder
from tests.moderation.safeguarding.sealed import LEFT, NUMBER, Sealed, sealed
from tests.world import Person, World

WHY = "Ambulance needs to find them now."
ASKED = Asked(("phone", "place"), WHY, "vital", "third_party")


@dataclass
class Stage:
    """A concern about the member who left details."""

    on: Sealed
    concern: bytes

    @property
    def case(self) -> cases.Case:
        """The concern now."""
        found = cases.find(self.concern)
        assert found
        return found

    def ask(self, person: Person, way: Way = Way.TWO_PEOPLE, **more: object) -> bytes:
        """Ask to open the phone number and the place."""
        self.on.world.step_up(person)
        return opening.ask(self.actor(person), self.concern, way, replace(ASKED, **more))

    def actor(self, person: Person):
        """Who they are, on their device."""
        plain = actor_in(person.actor, self.on.group.scope)
        return replace(plain, sign_in=sign_ins.hash_of(person.cookie or ""))

    def open(self, person: Person, who: Responder, opening_id: bytes) -> opening.Opened:
        """Open it with their own words."""
        return opening.open_details(self.actor(person), opening_id, self.on.words[who.id])

    def kinds(self) -> list[EventKind]:
        """What stands in the chronology."""
        return [one.kind for one in chronology.lines(self.case)]

    def audited(self) -> list[str]:
        """What stands in the audit chain about details."""
        found = rows(select(AuditEntry.action).where(AuditEntry.action.like("details.%")).order_by(AuditEntry.n))
        return [one.action for one in found]

    def told(self) -> list[opening_told.Told]:
        """What the member reads."""
        return opening_told.list_for(self.on.member.actor, self.on.group.scope)


@pytest.fixture
def stage(world: World) -> Stage:
    """A worry about the member, that another member raised."""
    on = sealed(world)
    raised = concerns.Raise(
        on.group.scope, Kind.ADULT, Origin.MEMBER, new_ident(), "persona", on.member.persona_id, "She said goodbye."
    )
    world.second_step(on.facilitator)
    with world.app.app_context():
        return Stage(on, concerns.raise_concern(raised).concern_id)


def emergency(stage: Stage, person: Person) -> None:
    transitions.emergency(stage.actor(person), stage.concern)


# --- Two people ---


def test_sec_s24_two_people_open_what_was_asked_for_and_no_more(inside, stage: Stage):
    tier, lead = stage.on.tier, stage.on.lead
    emergency(stage, tier.lead)
    asked = stage.ask(tier.lead)
    stage.on.world.step_up(tier.deputy)
    opening.agree(stage.actor(tier.deputy), asked, "")
    opened = stage.open(tier.lead, lead, asked)
    assert opened.fields == {"phone": NUMBER, "place": LEFT["place"]}
    assert stage.audited() == ["details.ask", "details.agree", "details.open"]
    assert stage.kinds()[-3:].count(EventKind.IDENTITY_OPENED) == 1
    assert stage.case.identity_opened


def test_never_6_nobody_says_yes_to_their_own_asking(inside, stage: Stage):
    tier = stage.on.tier
    emergency(stage, tier.lead)
    asked = stage.ask(tier.lead)
    with pytest.raises(NotAllowed):
        opening.agree(stage.actor(tier.lead), asked, stage.on.words[stage.on.lead.id])
    with pytest.raises(NotAllowed):
        stage.open(tier.lead, stage.on.lead, asked)
    assert stage.told() == []
    stage.on.world.step_up(tier.independent)
    opening.agree(stage.actor(tier.independent), asked, "")
    stage.on.world.step_up(tier.lead)
    assert stage.open(tier.lead, stage.on.lead, asked).fields["phone"] == NUMBER


def test_never_6_without_anybody_who_could_agree_it_is_refused(inside, stage: Stage):
    tier, ids = stage.on.tier, stage.on.tier.ids
    emergency(stage, tier.lead)
    with transaction():
        exclusions.keep_from(stage.case, {ids[OfficerRole.INDEPENDENT], ids[OfficerRole.DEPUTY]})
    with pytest.raises(NotAllowed):
        stage.ask(tier.lead)
    assert rows(select(DetailOpening.id)) == []
    assert stage.ask(tier.lead, Way.EMERGENCY)


def test_never_6_outside_an_emergency_nobody_opens_alone(inside, stage: Stage):
    tier = stage.on.tier
    for way in (Way.EMERGENCY, Way.TWO_HALVES):
        with pytest.raises(NotAllowed):
            stage.ask(tier.lead, way)
    emergency(stage, tier.lead)
    with pytest.raises(NotAllowed):
        stage.ask(tier.independent, Way.EMERGENCY)
    assert stage.ask(tier.deputy, Way.EMERGENCY)


def test_a_no_is_a_no(inside, stage: Stage):
    tier = stage.on.tier
    emergency(stage, tier.lead)
    asked = stage.ask(tier.lead)
    opening.refuse(stage.actor(tier.deputy), asked, "They answered me a minute ago.")
    stage.on.world.step_up(tier.independent)
    with pytest.raises(Conflict):
        opening.agree(stage.actor(tier.independent), asked, "")
    with pytest.raises(NotAllowed):
        stage.open(tier.lead, stage.on.lead, asked)
    assert EventKind.IDENTITY_REFUSED in stage.kinds()


def test_a_facilitator_reads_what_an_officer_handed_over(inside, stage: Stage):
    tier, team = stage.on.tier, stage.on.on_team()
    emergency(stage, stage.on.facilitator)
    asked = stage.ask(stage.on.facilitator)
    stage.on.world.step_up(tier.deputy)
    with pytest.raises(Invalid):
        opening.agree(stage.actor(tier.deputy), asked, phrases.new_phrase())
    opening.agree(stage.actor(tier.deputy), asked, stage.on.words[stage.on.deputy.id])
    stage.on.world.step_up(stage.on.facilitator)
    assert stage.open(stage.on.facilitator, team, asked).fields == {"phone": NUMBER, "place": LEFT["place"]}
    stage.on.world.moment.go(hours=26)
    jobs.run_due()
    assert row(select(DetailOpening.envelope).where(DetailOpening.id == asked)).envelope is None


# --- Whose word it rests on ---


def test_somebody_elses_word_alone_opens_nothing(inside, stage: Stage):
    tier = stage.on.tier
    with pytest.raises(NotAllowed):
        stage.ask(tier.lead)
    with pytest.raises(Invalid):
        stage.ask(tier.lead, grounds="own_words", line=1)
    line = transitions.write_note(stage.actor(tier.lead), stage.concern, EventKind.SAID, "I cannot go on, please call.")
    assert stage.ask(tier.lead, grounds="own_words", line=line)


def test_what_rests_on_one_word_in_an_emergency_is_reviewed_as_that(inside, stage: Stage):
    tier = stage.on.tier
    emergency(stage, tier.lead)
    asked = stage.ask(tier.lead)
    stage.on.world.step_up(tier.deputy)
    opening.agree(stage.actor(tier.deputy), asked, "")
    stage.open(tier.lead, stage.on.lead, asked)
    assert opening_queries.get(stage.actor(tier.lead), asked).review_by is not None


# --- Acceptance case 11, and what follows it ---


def test_acceptance_11_one_officer_in_an_emergency(inside, stage: Stage):
    tier, world = stage.on.tier, stage.on.world
    emergency(stage, tier.lead)
    asked = stage.ask(tier.lead, Way.EMERGENCY)
    opened = stage.open(tier.lead, stage.on.lead, asked)
    assert opened.fields == {"phone": NUMBER, "place": LEFT["place"]}
    transitions.record_emergency(stage.actor(tier.lead), stage.concern, "Lee", world.moment.at, "CAD 4711", "Address")
    world.moment.go(minutes=59)
    world.step_up(tier.lead)
    assert stage.open(tier.lead, stage.on.lead, asked).fields["phone"] == NUMBER
    world.moment.go(minutes=1)
    with pytest.raises(NotAllowed):
        stage.open(tier.lead, stage.on.lead, asked)
    (told,) = stage.told()
    assert (told.by, told.why, list(told.fields), told.basis) == ("Lee Lead", WHY, ["phone", "place"], "vital")
    with pytest.raises(NotAllowed):
        opening_told.review(stage.actor(tier.lead), asked, "I did it well, I think.")
    opening_told.review(stage.actor(tier.deputy), asked, "Right: the ambulance came in time.")
    assert opening_queries.get(stage.actor(tier.lead), asked).review_by is None
    assert "CAD 4711" in " ".join(one.words for one in chronology.lines(stage.case))


def test_an_opening_that_nobody_reviewed_calls_people_each_day(inside, stage: Stage):
    tier, world = stage.on.tier, stage.on.world
    emergency(stage, tier.lead)
    stage.open(tier.lead, stage.on.lead, stage.ask(tier.lead, Way.EMERGENCY))
    for day in (1, 2):
        world.moment.go(hours=24, seconds=1)
        jobs.run_due()
        called = [one for one in chronology.lines(stage.case) if one.codes.get("why") == "review"]
        assert len(called) == day
    assert stage.on.tier.ids[OfficerRole.LEAD].hex() not in called[0].codes["responders"]


# --- SG10: first on record, then opened ---


def test_sg10_nothing_is_opened_if_the_audit_cannot_be_written(inside, stage: Stage, monkeypatch):
    tier = stage.on.tier
    emergency(stage, tier.lead)
    asked = stage.ask(tier.lead, Way.EMERGENCY)

    def broken(*_given: object) -> None:
        raise RuntimeError("no room")

    opened = []
    plainly = details.open_fields
    monkeypatch.setattr(details, "open_fields", lambda *given: opened.append(given) or plainly(*given))
    record.plug(broken)
    try:
        with pytest.raises(RuntimeError):
            stage.open(tier.lead, stage.on.lead, asked)
    finally:
        record.plug(audit.note)
    assert opened == []
    assert stage.told() == []
    assert not stage.case.identity_opened
    assert stage.open(tier.lead, stage.on.lead, asked).fields["phone"] == NUMBER
    assert len(opened) == 1


def test_sg10_all_is_committed_before_one_letter_is_opened(inside, stage: Stage, monkeypatch):
    """A crash in between leaves a notice of an opening that showed nothing; never the other way round."""
    tier = stage.on.tier
    emergency(stage, tier.lead)
    asked = stage.ask(tier.lead, Way.EMERGENCY)
    monkeypatch.setattr(failpoints, "reach", lambda name: 1 / 0 if name == "after the opening is on record" else None)
    with pytest.raises(ZeroDivisionError):
        stage.open(tier.lead, stage.on.lead, asked)
    assert stage.audited()[-1] == "details.open"
    assert [one.by for one in stage.told()] == ["Lee Lead"]
    assert stage.kinds()[-1] is EventKind.IDENTITY_OPENED


def test_never_13_the_member_can_read_it_before_anybody_read_a_letter(inside, stage: Stage, monkeypatch):
    """Whoever stands at their door then knows nothing that they could not have known first."""
    tier, seen = stage.on.tier, []
    emergency(stage, tier.lead)
    asked = stage.ask(tier.lead, Way.EMERGENCY)
    plainly = details.open_fields
    monkeypatch.setattr(details, "open_fields", lambda *given: seen.append(len(stage.told())) or plainly(*given))
    assert stage.open(tier.lead, stage.on.lead, asked).fields["phone"] == NUMBER
    assert seen == [1]


def test_sg10_wrong_words_open_nothing_and_tell_nobody(inside, stage: Stage):
    tier = stage.on.tier
    emergency(stage, tier.lead)
    asked = stage.ask(tier.lead, Way.EMERGENCY)
    with pytest.raises(Invalid):
        opening.open_details(stage.actor(tier.lead), asked, phrases.new_phrase())
    assert stage.told() == []
    assert "details.open" not in stage.audited()
    assert not stage.case.identity_opened


# --- SG12: the member is told, or it is put off with a reason ---


def test_sg12_the_member_is_told_at_once(inside, stage: Stage):
    tier, me = stage.on.tier, stage.on.member
    emergency(stage, tier.lead)
    stage.open(tier.lead, stage.on.lead, stage.ask(tier.lead, Way.EMERGENCY))
    assert opening_told.has_new(stage.on.group.scope, me.persona_id)
    assert stage.told()[0].is_new
    opening_told.mark_seen(me.actor, stage.on.group.scope)
    assert not opening_told.has_new(stage.on.group.scope, me.persona_id)
    other = stage.on.world.person(stage.on.group)
    assert opening_told.list_for(other.actor, stage.on.group.scope) == []


def test_sg12_a_notice_that_is_put_off_shows_by_itself(inside, stage: Stage):
    tier, world = stage.on.tier, stage.on.world
    emergency(stage, tier.lead)
    with pytest.raises(Invalid):
        stage.ask(tier.lead, Way.EMERGENCY, off_hours=73, off_why="Their partner reads the phone.")
    with pytest.raises(Invalid):
        stage.ask(tier.lead, Way.EMERGENCY, off_hours=72, off_why="")
    asked = stage.ask(tier.lead, Way.EMERGENCY, off_hours=72, off_why="Their partner reads the phone.")
    stage.open(tier.lead, stage.on.lead, asked)
    assert stage.told() == []
    with pytest.raises(NotAllowed):
        opening_told.put_off(stage.actor(tier.lead), asked, 72, "Their partner still reads it.")
    with pytest.raises(Invalid):
        opening_told.put_off(stage.actor(tier.deputy), asked, 73, "Their partner still reads it.")
    world.moment.go(hours=71)
    opening_told.put_off(stage.actor(tier.deputy), asked, 72, "Their partner still reads it.")
    world.moment.go(hours=71)
    assert stage.told() == []
    world.moment.go(hours=1)
    assert [one.by for one in stage.told()] == ["Lee Lead"]
    with pytest.raises(NotAllowed):
        opening_told.put_off(stage.actor(tier.deputy), asked, 1, "Their partner still reads it.")


def test_sg12_a_notice_can_be_given_sooner(inside, stage: Stage):
    tier = stage.on.tier
    emergency(stage, tier.lead)
    asked = stage.ask(tier.lead, Way.EMERGENCY, off_hours=72, off_why="Their partner reads the phone.")
    stage.open(tier.lead, stage.on.lead, asked)
    opening_told.tell_now(stage.actor(tier.lead), asked)
    assert len(stage.told()) == 1


# --- The facilitator who is alone at three in the morning ---


def test_two_halves_open_once_everybody_else_was_called_in_vain(inside, stage: Stage):
    team, who, world = stage.on.facilitator, stage.on.on_team(), stage.on.world
    emergency(stage, team)
    assert stage.case.owner_id == who.id
    with pytest.raises(NotAllowed):
        stage.ask(team, Way.TWO_HALVES)
    world.moment.go(minutes=9)
    asked = stage.ask(team, Way.TWO_HALVES)
    assert keys.unlock(who.id, stage.on.words[who.id]).safe == {}
    assert stage.open(team, who, asked).fields["phone"] == NUMBER
    assert opening_queries.get(stage.actor(team), asked).review_by is not None


def test_two_halves_stay_apart_once_an_officer_did_something(inside, stage: Stage):
    team, who, world = stage.on.facilitator, stage.on.on_team(), stage.on.world
    emergency(stage, team)
    world.moment.go(minutes=9)
    asked = stage.ask(team, Way.TWO_HALVES)
    transitions.write_note(
        stage.actor(stage.on.tier.deputy), stage.concern, EventKind.ACTION, "I am here, calling you."
    )
    world.step_up(team)
    with pytest.raises(NotAllowed):
        stage.open(team, who, asked)
    assert stage.told() == []


def test_another_facilitator_cannot_open_with_two_halves(inside, stage: Stage):
    other, world = stage.on.world.person(stage.on.group, Role.FACILITATOR), stage.on.world
    world.second_step(other)
    emergency(stage, stage.on.facilitator)
    world.moment.go(minutes=9)
    with pytest.raises(NotAllowed):
        stage.ask(other, Way.TWO_HALVES)


# --- What there is no way to do ---


def test_whoever_may_not_see_the_concern_finds_no_asking(inside, stage: Stage):
    tier, ids = stage.on.tier, stage.on.tier.ids
    emergency(stage, tier.lead)
    asked = stage.ask(tier.lead)
    handing.recuse(stage.actor(tier.lead), stage.concern, ids[OfficerRole.DEPUTY], "They are sisters, I hear.")
    stage.on.world.step_up(tier.deputy)
    admin = stage.on.world.admin(stage.case.organisation_id)
    stage.on.world.step_up(admin)
    for person in (tier.deputy, admin, stage.on.member):
        with pytest.raises((NotFound, NotAllowed)):
            opening.agree(stage.actor(person), asked, "")
        with pytest.raises(NotFound):
            opening_queries.get(stage.actor(person), asked)


def test_nothing_left_is_nothing_to_open(inside, stage: Stage):
    details.forget(stage.on.member.actor, stage.on.group.scope)
    emergency(stage, stage.on.tier.lead)
    with pytest.raises(NotAllowed):
        stage.ask(stage.on.tier.lead, Way.EMERGENCY)


def test_a_closed_concern_opens_nothing(inside, stage: Stage):
    tier = stage.on.tier
    emergency(stage, tier.lead)
    asked = stage.ask(tier.lead, Way.EMERGENCY)
    stage.on.world.moment.go(hours=25)
    stage.on.world.step_up(tier.lead)
    with pytest.raises(NotAllowed):
        stage.open(tier.lead, stage.on.lead, asked)
    assert rows(select(func.count()).select_from(DetailOpening))[0][0] == 1


def test_a_yes_of_yesterday_is_for_another_night(inside, stage: Stage):
    tier, world = stage.on.tier, stage.on.world
    emergency(stage, tier.lead)
    asked = stage.ask(tier.lead)
    world.step_up(tier.deputy)
    opening.agree(stage.actor(tier.deputy), asked, "")
    world.moment.go(hours=24, minutes=1)
    world.step_up(tier.lead)
    with pytest.raises(NotAllowed):
        stage.open(tier.lead, stage.on.lead, asked)
    assert stage.told() == []


def test_the_details_of_somebody_under_a_hidden_name_open_too(inside, stage: Stage):
    on, world = stage.on, stage.on.world
    topic = world.topic(on.facilitator)
    world.reply(on.member, topic, "I have taken all of them.", masked=True)
    mask = rows(select(Post.mask_id).where(Post.mask_id.is_not(None)))[0].mask_id
    raised = concerns.Raise(
        on.group.scope, Kind.ADULT, Origin.MEMBER, new_ident(), "mask", mask, "Says they took pills.", level=Level.HIGH
    )
    stage.concern = concerns.raise_concern(raised).concern_id
    emergency(stage, on.tier.lead)
    assert stage.case.state is State.EMERGENCY
    asked = stage.ask(on.tier.lead, Way.EMERGENCY)
    assert stage.open(on.tier.lead, on.lead, asked).fields["phone"] == NUMBER
