"""A quarter in numbers for trustees: right, without small numbers, without a trace of what one may not see."""

import pytest

from forum.base.idents import new_ident
from forum.base.transaction import transaction
from forum.models import OfficerRole, Role
from moderation.safeguarding import cases, concerns, exclusions, quarters, responders, transitions
from moderation.safeguarding.concerns import Raise
from moderation.safeguarding.models import Kind, Level, Origin
from tests.safeguarding import Tier, arm
from tests.world import GroupHere, World


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
