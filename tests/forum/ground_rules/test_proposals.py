"""From a draft to a proposal that the group talks about: who may do what when, and what no group may vote away (C3)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert

from forum.base import clock, jobs
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.ground_rules import objections, proposals, versions, votes
from forum.ground_rules.patches import ADD, EDIT, MOVE, REMOVE, Change, apply
from forum.ground_rules.proposals import Wish
from forum.models import Floor, ProposalState
from tests.forum.ground_rules.contracting import KINDER, PHONES, Council
from tests.world import World

WISH = Wish(KINDER, "We write more gently.", "Hard words stay for days.")


@pytest.fixture
def council(world: World, inside: Flask) -> Council:
    return Council(world)


def test_a_draft_is_its_authors_until_somebody_seconds_it(council: Council) -> None:
    wren, heron = council.people[:2]
    made = council.propose()
    assert [one.id for one in proposals.list_for(wren.actor, council.group_id)] == [made]
    assert proposals.list_for(heron.actor, council.group_id) == []
    with pytest.raises(NotAllowed, match="second it"):
        council.second(made, by=0)
    council.second(made, by=1)
    assert council.get(made).state is ProposalState.DISCUSSING
    assert [one.id for one in proposals.list_for(heron.actor, council.group_id)] == [made]
    with pytest.raises(NotAllowed, match="another step"):
        council.second(made, by=2)


def test_to_others_there_is_no_such_proposal(council: Council, world: World) -> None:
    made = council.propose()
    stranger = world.person(world.group())
    for refused in (
        lambda: proposals.get(stranger.actor, made),
        lambda: proposals.get(stranger.actor, new_ident()),
        lambda: proposals.list_for(stranger.actor, council.group_id),
        lambda: proposals.amend(stranger.actor, made, WISH),
        lambda: proposals.give_up(stranger.actor, made),
        lambda: votes.call(stranger.actor, made),
        lambda: votes.choose(stranger.actor, made, "yes"),
        lambda: proposals.begin(stranger.actor, council.group.scope, WISH),
    ):
        with pytest.raises(NotFound):
            refused()
    assert proposals.get(council.people[3].actor, made)[0].id == made


def test_only_the_author_changes_or_gives_up_a_proposal(council: Council) -> None:
    made = council.propose()
    heron = council.people[1]
    with pytest.raises(NotAllowed, match="who wrote this"):
        proposals.amend(heron.actor, made, WISH)
    with pytest.raises(NotAllowed, match="who wrote this"):
        proposals.give_up(heron.actor, made)
    proposals.give_up(council.people[0].actor, made)
    assert council.get(made).state is ProposalState.WITHDRAWN
    with pytest.raises(NotAllowed, match="another step"):
        proposals.give_up(council.people[0].actor, made)


@pytest.mark.parametrize(
    "change",
    [
        Change("what-we-must-tell", EDIT, {"body": "We tell nobody anything."}),
        Change("what-we-must-tell", EDIT, {"question": None}),
        Change("nothing-against-the-law", REMOVE),
        Change("how-moderators-act", EDIT, {"kind": "value"}),
        Change("mine", ADD, {"heading": "Law", "body": "I am the law.", "kind": "given"}, 1),
        Change("be-kind", EDIT, {"kind": "given"}),
    ],
)
def test_c3_what_is_given_survives_every_patch(council: Council, change: Change) -> None:
    with pytest.raises(Invalid, match="cannot change it"):
        council.propose((change,))


def test_c3_given_clauses_stand_in_the_version_that_comes_of_all_others_going(council: Council) -> None:
    before = council.rules.rules
    patch = tuple(Change(one.uid, REMOVE) for one in before if one.kind != "given")
    made = council.deciding(patch)
    council.choose(made, "agree", "agree", "agree")
    council.world.moment.go(days=10)
    jobs.run_due()
    council.world.moment.go(days=3)
    jobs.run_due()
    assert council.rules.rules == tuple(one for one in before if one.kind == "given")


def floor(council: Council, key: str, value: str) -> None:
    with transaction():
        values = {"organisation_id": council.group.scope.organisation_id, "key": key, "value": value}
        here().execute(insert(Floor).values(**values))


def test_c3_no_clause_is_looser_than_the_floor(council: Council) -> None:
    loose = (Change("links", EDIT, {"binding_value": "open"}),)
    floor(council, "links", "facilitator posts")
    with pytest.raises(Invalid, match="stricter"):
        council.propose(loose)
    council.propose((Change("links", EDIT, {"binding_value": "none"}),))


def test_c3_a_floor_that_rose_while_people_decided_is_kept(council: Council) -> None:
    made = council.deciding((Change("links", EDIT, {"binding_value": "open"}),))
    council.choose(made, "agree", "agree", "agree")
    floor(council, "links", "facilitator posts")
    council.world.moment.go(days=7)
    jobs.run_due()
    assert council.get(made).state is ProposalState.DISCUSSING
    assert len(versions.list_all(council.group_id)) == 1


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (Change("be-kind", EDIT, {"body": " "}), "Write the rule"),
        (Change("be-kind", EDIT, {"heading": "x" * 121}), "heading"),
        (Change("links", EDIT, {"binding_value": "whatever"}), "values on offer"),
        (Change("links", EDIT, {"binding_key": None, "binding_value": None}), "what the program shall keep"),
    ],
)
def test_a_rule_that_cannot_stand_is_refused_with_what_to_change(council: Council, change: Change, what: str) -> None:
    with pytest.raises(Invalid, match=what):
        council.propose((change,))


@pytest.mark.parametrize(
    "change",
    [
        Change("gone", REMOVE),
        Change("be-kind", ADD, {"heading": "Twice", "body": "Twice."}, 1),
        Change("Not A Uid", ADD, {"heading": "Odd", "body": "Odd."}, 1),
        Change("be-kind", EDIT, {"question": "Are you kind?"}),
        Change("be-kind", EDIT, {"answers": "[1]"}),
    ],
)
def test_a_patch_that_no_page_offers_is_refused(council: Council, change: Change) -> None:
    with pytest.raises(Conflict):
        council.propose((change,))


def test_nothing_to_change_is_no_proposal_until_a_review_is_due(council: Council) -> None:
    with pytest.raises(Invalid, match="Nothing changes"):
        council.propose(())
    council.world.moment.go(days=14)
    assert council.propose((), is_material=False)


def test_an_editorial_change_is_one_of_words_alone(council: Council) -> None:
    assert council.propose((Change("be-kind", MOVE, ord=9),), is_material=False)
    assert council.propose(KINDER, is_material=False)
    with pytest.raises(Invalid, match="agree to it again"):
        council.propose(PHONES, is_material=False)
    with pytest.raises(Invalid, match="agree to it again"):
        council.propose((Change("links", EDIT, {"binding_value": "none"}),), is_material=False)


def test_somebody_has_three_open_proposals_at_most(council: Council) -> None:
    first = council.propose()
    council.propose()
    council.propose()
    with pytest.raises(Invalid, match="3 open proposals"):
        council.propose()
    proposals.give_up(council.people[0].actor, first)
    assert council.propose()


def test_words_that_would_wait_as_a_post_are_refused(council: Council) -> None:
    told = replace(WISH, rationale="Ring me on 07700 900123.")
    with pytest.raises(Invalid, match="another way"):
        proposals.begin(council.people[0].actor, council.group.scope, told)
    hidden = (Change("be-kind", EDIT, {"body": "Ring me on 07700 900123."}),)
    with pytest.raises(Invalid, match="another way"):
        council.propose(hidden)


def test_people_talk_for_three_days_before_they_decide(council: Council) -> None:
    made = council.propose()
    council.second(made)
    council.world.moment.go(hours=71, minutes=59)
    with pytest.raises(NotAllowed, match="three days"):
        votes.call(council.lead.actor, made)
    council.world.moment.go(minutes=1)
    assert votes.call(council.lead.actor, made)


def test_new_words_are_talked_about_for_three_days_again(council: Council) -> None:
    made = council.propose()
    council.second(made)
    council.world.moment.go(hours=72)
    proposals.amend(council.people[0].actor, made, replace(WISH, patch=PHONES))
    assert council.get(made).patch == PHONES
    with pytest.raises(NotAllowed, match="three days"):
        council.call(made)
    council.world.moment.go(hours=72)
    council.call(made)
    with pytest.raises(NotAllowed, match="another step"):
        proposals.amend(council.people[0].actor, made, WISH)


def test_three_members_or_a_facilitator_bring_it_to_a_decision(council: Council) -> None:
    made = council.propose()
    council.second(made)
    council.world.moment.go(hours=72)
    assert [votes.call(council.people[n].actor, made) for n in (0, 1, 1, 0)] == [False] * 4
    assert votes.call(council.people[2].actor, made)
    assert council.get(made).state is ProposalState.DECIDING


def adopt_by_hand(council: Council, patch: tuple) -> None:
    """Another decision comes first."""
    with transaction():
        versions.lock(council.group_id)
        tip = versions.get_tip(council.group_id)
        at = clock.now() + timedelta(hours=48)
        versions.adopt(council.group.scope, tip.id, apply(patch, tip.rules), "Else.", True, None, at)
        proposals.carry_open(council.group.scope)


def test_an_open_proposal_goes_over_to_what_was_agreed_meanwhile(council: Council) -> None:
    deciding, draft = council.deciding(), council.propose()
    adopt_by_hand(council, PHONES)
    tip = versions.get_tip(council.group_id)
    for one, state in ((deciding, ProposalState.DECIDING), (draft, ProposalState.DRAFT)):
        found = council.get(one)
        assert (found.base_id, found.state, found.patch, found.conflicts) == (tip.id, state, KINDER, ())
    council.choose(deciding, "agree", "agree", "agree")
    council.world.moment.go(days=7)
    jobs.run_due()
    council.world.moment.go(days=3)
    jobs.run_due()
    bodies = {one.uid: one.body for one in council.rules.rules}
    assert (bodies["phones"], bodies["be-kind"]) == ("Put your phone away.", KINDER[0].to["body"])


def test_where_both_changed_one_clause_people_talk_again(council: Council) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree", "agree")
    adopt_by_hand(council, (Change("be-kind", EDIT, {"body": "Never be rude."}),))
    found = council.get(made)
    assert (found.state, found.conflicts, found.patch) == (ProposalState.DISCUSSING, ("be-kind",), KINDER)
    assert votes.find_open(made) is None
    council.world.moment.go(days=7)
    jobs.run_due()
    assert council.get(made).state is ProposalState.DISCUSSING


def test_a_wish_that_came_true_is_over(council: Council) -> None:
    made = council.deciding()
    adopt_by_hand(council, KINDER)
    assert council.get(made).state is ProposalState.WITHDRAWN
    assert objections.list_open(made) == []
