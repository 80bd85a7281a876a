"""C4 to C6: what is counted, who may be counted, and that nobody can say who chose what."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from forum.base import clock, jobs, keyring, rotation
from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed
from forum.base.keyring import Purpose
from forum.base.transaction import here, transaction
from forum.ground_rules import ballots, objections, proposals, versions, votes
from forum.ground_rules.votes import tally
from forum.models import (
    CharterBallot,
    CharterCall,
    CharterVote,
    ObjectionStatus,
    Persona,
    Post,
    PostState,
    ProposalState,
    Standing,
    VoteMode,
    VoteResult,
)
from tests.forum.ground_rules.contracting import PHONES, Council
from tests.world import World

CONSENT, VOTE = VoteMode.CONSENT, VoteMode.VOTE


@pytest.fixture
def council(world: World, inside: Flask) -> Council:
    return Council(world)


def close(council: Council, **later: float) -> None:
    council.world.moment.go(**(later or {"days": 7}))
    jobs.run_due()


def last(proposal: bytes) -> votes.Vote:
    return votes.list_of(proposal)[0]


def object_to(council: Council, proposal: bytes, by: int = 3) -> int:
    """An objection whose words stand in a topic."""
    vote = votes.find_open(proposal)
    assert vote
    topic = council.world.topic(council.people[by], body="I forget without my notes. Keep them for a day instead.")
    post = rows(select(Post.id).where(Post.conversation_id == topic))[0].id
    with transaction():
        objections.add(vote.id, post, "be-kind")
    return int(post)


# --- What is counted ---


@pytest.mark.parametrize(
    ("counted", "mode", "open_", "result"),
    [
        ({}, CONSENT, 0, None),
        ({"agree": 2}, CONSENT, 0, None),
        ({"agree": 3}, CONSENT, 0, VoteResult.ADOPTED),
        ({"agree": 1, "abstain": 2}, CONSENT, 0, VoteResult.ADOPTED),
        ({"abstain": 3}, CONSENT, 0, VoteResult.REJECTED),
        ({"agree": 9}, CONSENT, 1, VoteResult.OBJECTED),
        ({"agree": 2}, CONSENT, 1, None),
        ({"agree": 2, "object": 1}, CONSENT, 0, VoteResult.ADOPTED),
        ({"yes": 2, "no": 1}, VOTE, 0, VoteResult.ADOPTED),
        ({"yes": 3, "no": 2}, VOTE, 0, VoteResult.REJECTED),
        ({"yes": 2, "no": 2}, VOTE, 0, VoteResult.REJECTED),
        ({"abstain": 3}, VOTE, 0, VoteResult.REJECTED),
        ({"yes": 2, "abstain": 1}, VOTE, 1, VoteResult.ADOPTED),
        ({"yes": 2}, VOTE, 0, None),
    ],
)
def test_c6_what_comes_of_what_was_chosen(counted: dict, mode: VoteMode, open_: int, result: VoteResult | None) -> None:
    assert tally(counted, mode, 3, open_, extended=False) is result
    assert tally(counted, mode, 3, open_, extended=True) is (result or VoteResult.LAPSED)


COUNTS = st.dictionaries(st.sampled_from(ballots.CHOICES[1:]), st.integers(0, 30))


@given(COUNTS, st.sampled_from(VoteMode), st.integers(3, 20), st.integers(0, 3), st.booleans())
def test_c6_nothing_passes_below_quorum_or_over_an_objection(
    counted: dict, mode: VoteMode, quorum: int, open_: int, extended: bool
) -> None:
    result = tally(counted, mode, quorum, open_, extended=extended)
    if result is VoteResult.ADOPTED:
        assert sum(counted.values()) >= quorum
        assert mode is VOTE or not open_
        assert mode is CONSENT or counted["yes"] >= 2 * counted.get("no", 0)
    assert (result is None) is (sum(counted.values()) < quorum and not extended)


@pytest.mark.parametrize(("active", "quorum"), [(0, 3), (5, 3), (6, 3), (7, 4), (20, 10), (21, 11)])
def test_half_of_the_active_have_to_say_something_and_three_at_least(active: int, quorum: int) -> None:
    assert votes.quorum_of(active) == quorum


def test_who_came_or_wrote_under_their_name_lately_is_active(world: World, inside: Flask) -> None:
    council = Council(world, members=7)  # and a facilitator, who counts as one
    topic = council.world.topic(council.people[0])
    with transaction():
        here().execute(update(Persona).values(joined_on=clock.today() - timedelta(days=60)))
    for person in council.people[1:6]:
        council.world.reply(person, topic)
    council.world.reply(council.people[6], topic, masked=True)
    assert last(council.deciding()).quorum == 3  # six, not seven: an alias counts for nobody
    council.world.reply(council.people[6], topic)
    assert last(council.deciding()).quorum == 4
    council.world.moment.go(days=40)
    assert last(council.deciding()).quorum == 3


# --- Closing ---


def test_c4_what_is_agreed_by_consent_holds_two_days_later(council: Council) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree", "abstain")
    close(council)
    assert council.get(made).state is ProposalState.ADOPTED
    assert last(made).tallies == {"agree": 2, "abstain": 1}
    assert council.rules.n == 1
    close(council, hours=48)
    assert (council.rules.n, council.rules.proposal_id) == (2, made)


def test_c4_before_the_last_moment_nothing_is_counted(council: Council) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree", "agree")
    with transaction():
        votes.close(council.group.scope, last(made).id)
    assert last(made).result is None
    close(council, days=7, seconds=-1)
    assert last(made).result is None
    close(council, seconds=1)
    assert last(made).result is VoteResult.ADOPTED


def test_c4_closing_twice_or_late_gives_the_same(council: Council) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree", "agree")
    council.world.moment.go(days=30)
    for _n in range(2):
        with transaction():
            votes.close(council.group.scope, last(made).id)
        assert (last(made).result, len(versions.list_all(council.group_id))) == (VoteResult.ADOPTED, 2)
    with transaction():
        assert votes.recount(council.group.scope, last(made)) is VoteResult.ADOPTED
    council.world.moment.go(days=-20)  # a clock that was set back opens nothing again
    with pytest.raises(NotAllowed):
        council.choose(made, "abstain")
    assert last(made).result is VoteResult.ADOPTED


def test_c4_nobody_chooses_after_the_last_moment_even_if_nobody_counted_yet(council: Council) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree")
    council.world.moment.go(days=7)
    with pytest.raises(NotAllowed, match="another step"):
        votes.choose(council.people[2].actor, made, "agree")
    assert votes.find_mine(council.people[2].actor, last(made), council.group.scope) == "none"


def test_c4_who_came_later_is_not_counted(council: Council) -> None:
    made = council.deciding()
    late = council.world.person(council.group)
    with pytest.raises(NotAllowed, match="came after"):
        votes.choose(late.actor, made, "agree")
    council.choose(made, "agree", "agree")
    with transaction():
        assert ballots.put(council.group.scope, last(made).id, late.persona_id, "agree") is False
        assert ballots.count(council.group.scope, last(made).id) == {"agree": 2}
    assert last(made).electors == 5


def test_c4_who_left_meanwhile_is_counted_as_they_chose(council: Council) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree", "agree")
    with transaction():
        gone = update(Persona).where(Persona.id == council.people[0].persona_id)
        here().execute(gone.values(standing=Standing.LEFT))
    close(council)
    assert last(made).tallies == {"agree": 3}


def test_too_few_get_a_week_more_and_then_the_rules_stay(council: Council) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree")
    close(council)
    assert (last(made).result, last(made).extended) == (None, True)
    close(council)
    assert (last(made).result, council.get(made).state) == (VoteResult.LAPSED, ProposalState.LAPSED)
    assert council.rules.n == 1


def test_the_week_more_can_bring_the_one_that_was_missing(council: Council) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree")
    close(council, days=12)  # the machine was away for five days: it is still a whole week
    council.world.moment.go(days=6, hours=23)
    jobs.run_due()
    votes.choose(council.people[2].actor, made, "abstain")
    close(council, hours=1)
    assert last(made).result is VoteResult.ADOPTED


def test_one_ballot_each_and_the_last_choice_counts(council: Council) -> None:
    made = council.deciding()
    for choice in ("agree", "abstain", "object", "none", "agree"):
        votes.choose(council.people[0].actor, made, choice)
        assert votes.find_mine(council.people[0].actor, last(made), council.group.scope) == choice
    with transaction():
        assert ballots.count(council.group.scope, last(made).id) == {"agree": 1}


@pytest.mark.parametrize("choice", ["yes", "no", "maybe", ""])
def test_by_consent_there_is_no_yes_and_no(council: Council, choice: str) -> None:
    made = council.deciding()
    with pytest.raises(Invalid):
        votes.choose(council.people[0].actor, made, choice)


# --- Objections ---


def test_c6_an_open_objection_leads_back_to_talking(council: Council) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree", "agree", "object")
    object_to(council, made)
    close(council)
    assert (last(made).result, council.get(made).state) == (VoteResult.OBJECTED, ProposalState.DISCUSSING)
    council.world.moment.go(hours=72)
    with pytest.raises(NotAllowed, match="reason against"):
        votes.call(council.lead.actor, made)


def test_c6_the_same_without_the_objection_passes(council: Council) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree", "agree", "object")
    close(council)
    assert last(made).result is VoteResult.ADOPTED


@pytest.mark.parametrize(
    ("state", "result"),
    [
        (PostState.WITHDRAWN, VoteResult.ADOPTED),
        (PostState.HELD, VoteResult.OBJECTED),
        (PostState.HIDDEN, VoteResult.OBJECTED),
    ],
)
def test_c6_only_who_objected_ends_an_objection_while_people_decide(
    council: Council, state: PostState, result: VoteResult
) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree", "agree")
    post = object_to(council, made)
    with pytest.raises(NotAllowed):
        proposals.answer_objection(council.lead.actor, made, post, "No.")
    with transaction():
        here().execute(update(Post).where(Post.id == post).values(state=state))
    close(council)
    assert last(made).result is result


def objected(council: Council) -> tuple[bytes, int]:
    made = council.deciding()
    council.choose(made, "agree", "agree", "agree")
    post = object_to(council, made)
    close(council)
    council.world.moment.go(hours=72)
    return made, post


def test_an_answered_objection_lets_people_decide_again_and_can_be_made_again(council: Council) -> None:
    made, post = objected(council)
    with pytest.raises(NotAllowed):
        proposals.answer_objection(council.people[1].actor, made, post, "I am not the author.")
    proposals.answer_objection(council.people[0].actor, made, post, "We can keep short notes.")
    with pytest.raises(Invalid, match="answer now"):
        proposals.answer_objection(council.lead.actor, made, post, "Twice.")
    council.call(made)
    object_to(council, made)
    council.choose(made, "agree", "agree", "agree")
    close(council)
    assert last(made).result is VoteResult.OBJECTED


def test_other_words_meet_an_objection(council: Council) -> None:
    made, _post = objected(council)
    proposals.amend(council.people[0].actor, made, proposals.Wish(PHONES, "Phones away.", "So we listen."))
    assert [one.status for one in objections.list_of(made)] == [ObjectionStatus.AMENDED]
    council.world.moment.go(hours=72)
    council.call(made)
    council.choose(made, "agree", "agree", "agree")
    close(council)
    assert last(made).result is VoteResult.ADOPTED


def test_a_facilitator_puts_an_objection_to_the_vote(council: Council) -> None:
    made, _post = objected(council)
    assert votes.call(council.lead.actor, made, VOTE)
    assert [one.status for one in objections.list_of(made)] == [ObjectionStatus.TO_VOTE]
    council.choose(made, "yes", "yes", "no")
    close(council)
    assert (last(made).result, last(made).tallies) == (VoteResult.ADOPTED, {"yes": 2, "no": 1})


def test_after_two_rounds_with_an_objection_it_is_put_to_the_vote(council: Council) -> None:
    made, post = objected(council)
    proposals.answer_objection(council.people[0].actor, made, post, "We can keep short notes.")
    council.call(made)
    council.choose(made, "agree", "agree", "agree")
    object_to(council, made)
    close(council)
    council.world.moment.go(hours=72)
    council.call(made)
    assert last(made).mode is VOTE
    council.choose(made, "yes", "no", "no")
    close(council)
    assert council.get(made).state is ProposalState.REJECTED


# --- Who chose what ---


def dump() -> list[dict]:
    """Every row about deciding, as a thief of the database has it."""
    tables = (CharterBallot, CharterCall, CharterVote)
    return [dict(one._mapping) for table in tables for one in rows(select(*table.__table__.columns))]


def test_c5_nothing_that_is_kept_leads_from_a_member_to_a_ballot(council: Council) -> None:
    made = council.propose()
    council.second(made)
    council.world.moment.go(hours=72)
    votes.call(council.people[0].actor, made)
    votes.call(council.people[1].actor, made)
    calls = dump()
    votes.call(council.people[2].actor, made)
    council.choose(made, "agree", "object", "abstain")
    known = [one.persona_id for one in (*council.people, council.lead)] + [one.account_id for one in council.people]
    ring = keyring.the_keyring()
    for row_ in calls + dump():
        for value in row_.values():
            assert not any(one and isinstance(value, bytes) and one in value for one in known)
    guesses = {ring.tag(council.group.scope, "ballot", last(made).id, one.persona_id) for one in council.people}
    assert not guesses & {row_["tag"] for row_ in dump() if "tag" in row_}  # the tag key of everything else finds none
    assert Counter(len(row_["sealed"]) for row_ in dump() if "sealed" in row_) == {len(dump()[0]["sealed"]): 5}


def test_c5_a_choice_changes_only_a_seal_and_each_night_changes_them_all(council: Council) -> None:
    made = council.deciding()
    before = {row_["tag"]: row_["sealed"] for row_ in dump() if "sealed" in row_}
    council.choose(made, "agree")
    after = {row_["tag"]: row_["sealed"] for row_ in dump() if "sealed" in row_}
    assert before.keys() == after.keys()
    assert sum(before[tag] != after[tag] for tag in before) == 1
    sum(rotation.renew_all())
    night = {row_["tag"]: row_["sealed"] for row_ in dump() if "sealed" in row_}
    assert sum(night[tag] != after[tag] for tag in after) == 5
    assert votes.find_mine(council.people[0].actor, last(made), council.group.scope) == "agree"


def test_c5_rows_lie_in_the_order_of_their_tags(council: Council) -> None:
    council.deciding()
    with transaction():
        found = [one.tag for one in here().execute(select(CharterBallot.tag)).all()]
    assert found == sorted(found)


def test_c5_two_weeks_after_the_result_no_ballot_is_left_and_the_result_is(council: Council) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree", "agree")
    close(council)
    close(council, days=14, seconds=-1)
    assert len(rows(select(CharterBallot.tag))) == 5
    close(council, seconds=1)
    assert rows(select(CharterBallot.tag)) == []
    assert (last(made).result, last(made).tallies) == (VoteResult.ADOPTED, {"agree": 3})
    assert votes.find_mine(council.people[0].actor, last(made), council.group.scope) is None


def test_a_proposal_given_up_while_people_decide_leaves_no_ballot(council: Council) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree", "agree")
    proposals.give_up(council.people[0].actor, made)
    assert rows(select(CharterBallot.tag)) == []
    close(council)
    assert (council.get(made).state, last(made).result) == (ProposalState.WITHDRAWN, VoteResult.CALLED_OFF)
    assert council.rules.n == 1


@pytest.mark.parametrize("purpose", [Purpose.SEAL, Purpose.TAG])
def test_a_rotation_of_keys_keeps_every_ballot(council: Council, purpose: Purpose) -> None:
    made = council.deciding()
    council.choose(made, "agree", "agree", "object")
    keyring.use(keyring.the_keyring().rotated(purpose))
    sum(rotation.renew_old())
    assert "charter_ballot" in rotation.tables()
    keyring.use(keyring.the_keyring().finished())
    council.choose(made, "agree", "agree", "agree")
    close(council)
    assert last(made).tallies == {"agree": 3}


def test_no_job_says_who(council: Council) -> None:
    made = council.deciding()
    council.choose(made, "agree")
    waiting = json.dumps(jobs.list_waiting())
    assert "charter_close" in waiting
    for row_ in rows(select(jobs.Job.payload)):
        assert set(json.loads(row_.payload)) <= {"organisation", "group", "vote", "post"}
