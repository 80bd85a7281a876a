"""A quarter in numbers for trustees: right, without small numbers, without a trace of what one may not see."""

import pytest

from forum.base.idents import new_ident
from forum.base.transaction import transaction
from forum.models import OfficerRole, Role
from moderation.safeguarding import (
    cases,
    closing,
    concerns,
    exclusions,
    quarters,
    responders,
    ticking,
    transitions,
)
from moderation.safeguarding.closing import Outcome
from moderation.safeguarding.concerns import Raise
from moderation.safeguarding.models import Kind, Level, Origin
from moderation.safeguarding.transitions import Assessment
from tests.safeguarding import Tier, arm
from tests.world import GroupHere, Person, World, text_of


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


def raised(world: World, group: GroupHere, many: int) -> list[bytes]:
    """So many concerns about so many people."""
    with world.app.app_context():
        return [
            concerns.raise_concern(
                Raise(
                    group.scope,
                    Kind.ADULT,
                    Origin.MEMBER,
                    new_ident(),
                    "persona",
                    new_ident(),
                    said="I worry about them.",
                )
            ).concern_id
            for _n in range(many)
        ]


def next_quarter(world: World, group: GroupHere) -> Tier:
    """The quarter is over, and its officers sign in: from the 23rd of November into January."""
    world.moment.go(days=60)
    return arm(world, group)


def count(world: World, group: GroupHere, tier: Tier, role: OfficerRole) -> quarters.Numbers:
    with world.app.app_context():
        me = responders.get(group.scope, tier.ids[role])
        assert me is not None
        return quarters.count(me, quarters.list_quarters()[0])


def test_a_quarter_says_how_many_and_how_soon(world: World, group: GroupHere) -> None:
    facilitator = world.person(group, Role.FACILITATOR)
    ids = raised(world, group, 7)
    world.moment.go(minutes=5)
    with world.app.app_context():
        for ident in ids[:6]:
            case = cases.find(ident)
            assert case
            transitions.acknowledge(facilitator.actor, ident, case.version)
    tier = next_quarter(world, group)
    numbers = count(world, group, tier, OfficerRole.LEAD)
    assert numbers.raised == 7
    assert numbers.looks[Level.UNASSESSED.value]["in_ten_minutes"] == 6
    assert numbers.looks[Level.UNASSESSED.value]["nobody"] is None, "one person alone"
    page = tier.lead.get("/safeguarding/quarters").text
    assert "7 concerns were raised" in page
    assert "Danger to life now</th>" in page, "as on the page of a concern"
    assert "Passed on, as a child at risk</th>" in page


def test_fewer_than_five_are_never_told(world: World, group: GroupHere) -> None:
    raised(world, group, 4)
    tier = next_quarter(world, group)
    numbers = count(world, group, tier, OfficerRole.LEAD)
    assert numbers.raised is None
    assert all(n is None for line in numbers.looks.values() for n in line.values())
    assert "Fewer than 5 concerns" in tier.lead.get("/safeguarding/quarters").text


def ended(facilitator: Person, ident: bytes) -> None:
    """A facilitator takes it again, says what it is, and closes it."""
    who, why = facilitator.actor, "They sleep at their sister's now, and write each day."
    transitions.acknowledge(who, ident, now(ident).version)
    said = Assessment(Level.MEDIUM, why, wants="To sleep.", raiser_danger="no")
    transitions.triage(who, ident, now(ident).version, said)
    closing.propose_close(who, ident, now(ident).version, Outcome.SUPPORT_GIVEN, why, help_offered=True)
    closing.confirm_close(who, ident, now(ident).version)


def now(ident: bytes) -> cases.Case:
    case = cases.find(ident)
    assert case
    return case


def test_what_was_missed_and_how_they_ended_is_counted_without_a_word_of_any_record(
    world: World, group: GroupHere
) -> None:
    facilitator = world.person(group, Role.FACILITATOR)
    ids = raised(world, group, 6)
    with world.app.app_context():
        for ident in ids[:5]:
            transitions.acknowledge(facilitator.actor, ident, now(ident).version)
        world.moment.go(hours=1)
        ticking.tick()
        for ident in ids[:5]:
            assert now(ident).owner_id is None
            ended(facilitator, ident)
        codes = [now(ident).code for ident in ids]
    tier = next_quarter(world, group)
    numbers = count(world, group, tier, OfficerRole.LEAD)
    assert numbers.missed["lapsed"]["n"] == 5
    assert numbers.missed["no_one"]["n"] == 6
    assert numbers.missed["not_reached"]["n"] is None, "too few to say"
    assert numbers.outcomes[Outcome.SUPPORT_GIVEN.value]["n"] == 5
    assert numbers.outcomes[Outcome.DIED.value]["n"] is None
    page = text_of(tier.lead.get("/safeguarding/quarters"))
    assert "Whoever had it did nothing in time 5" in page
    for word in (*codes, "I worry about them", "sister", group.name, facilitator.name):
        assert word not in page


def test_sg6_what_is_kept_from_an_officer_is_in_no_number_of_theirs(world: World, group: GroupHere) -> None:
    ids = raised(world, group, 5)
    tier = next_quarter(world, group)
    assert count(world, group, tier, OfficerRole.LEAD).raised == 5
    with world.app.app_context(), transaction():
        for ident in ids:
            exclusions.keep_from(cases.lock(ident), [tier.ids[OfficerRole.LEAD]])
    assert count(world, group, tier, OfficerRole.LEAD).raised is None
    assert count(world, group, tier, OfficerRole.DEPUTY).raised == 5


def test_the_pdf_says_the_same(world: World, group: GroupHere) -> None:
    raised(world, group, 6)
    tier = next_quarter(world, group)
    answer = tier.lead.get("/safeguarding/quarters.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert answer.data == tier.lead.get("/safeguarding/quarters.pdf").data, "the same numbers make the same file"


def test_never_12_an_admin_reads_no_numbers(world: World, group: GroupHere) -> None:
    tier, admin = arm(world, group), world.admin(group.scope.organisation_id)
    assert tier.lead.get("/safeguarding/quarters").status_code == 200
    assert admin.get("/safeguarding/quarters").status_code == 404
