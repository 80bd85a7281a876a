"""C4, C5: twenty ballots at the closing second, two who close, and two decisions at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from forum.base import clock, jobs
from forum.base.db import rows
from forum.base.errors import NotAllowed
from forum.base.transaction import transaction
from forum.ground_rules import ballots, proposals, versions, votes
from forum.models import CharterBallot, CharterVersion, ProposalState, VersionStatus, VoteResult
from tests.forum.ground_rules.contracting import KINDER, PHONES, Council
from tests.world import World

MEMBERS = 20


def at_once(world: World, acts: list[Any]) -> list[BaseException | None]:
    """Everything begins in the same moment, each in a thread of its own."""
    ready = threading.Barrier(len(acts))

    def go(act: Any) -> None:
        with world.app.app_context():
            ready.wait()
            act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.exception() for one in [pool.submit(go, act) for act in acts]]


def test_c4_c5_twenty_ballots_at_the_closing_second_are_counted_or_refused(world: World) -> None:
    with world.app.app_context():
        council = Council(world, MEMBERS - 1)
        made = council.deciding()
        vote = votes.find_open(made)
        assert vote
        people = [*council.people, council.lead]
        actors = [person.actor for person in people]
    world.moment.at = vote.closes_at

    def close() -> None:
        with transaction():
            votes.close(council.group.scope, vote.id)

    # Half of them see the clock a moment before the end, as a machine whose clock is behind does.
    before = world.moment
    early = threading.local()

    def now() -> Any:
        return before.at.replace(second=0) if getattr(early, "yes", False) else before.at

    world.moment.go(seconds=30)

    def choose(actor: Any, behind: bool) -> None:
        early.yes = behind
        votes.choose(actor, made, "agree")

    held = clock.use(now)
    try:
        acts = [lambda actor=actor, n=n: choose(actor, n % 2 == 0) for n, actor in enumerate(actors)]
        wrong = at_once(world, [*acts, close, close])
    finally:
        clock.use(held)
    assert all(error is None or isinstance(error, NotAllowed) for error in wrong), wrong
    with world.app.app_context():
        kept = sum(error is None for error in wrong[: len(actors)])
        if votes.list_of(made)[0].result is None:  # closed before three had come, so there is a week more
            world.moment.go(days=7)
            close()
        ended = votes.list_of(made)[0]
        expected = VoteResult.ADOPTED if kept >= ended.quorum else VoteResult.LAPSED
        assert (ended.result, ended.tallies) == (expected, {"agree": kept} if kept else {})
        assert rows(select(func.count()).select_from(CharterBallot))[0][0] == MEMBERS


def test_c5_one_member_who_sends_twenty_times_has_one_ballot(world: World) -> None:
    with world.app.app_context():
        council = Council(world)
        made = council.deciding()
        actor = council.people[0].actor
    choices = ["agree", "abstain"] * 10
    assert at_once(world, [lambda c=c: votes.choose(actor, made, c) for c in choices]) == [None] * 20
    with world.app.app_context(), transaction():
        vote = votes.find_open(made)
        assert vote
        assert sum(ballots.count(council.group.scope, vote.id).values()) == 1


def test_c1_two_decisions_at_once_take_turns(world: World) -> None:
    with world.app.app_context():
        council = Council(world)
        made = [council.deciding(KINDER), council.deciding(PHONES)]
        for one in made:
            council.choose(one, "agree", "agree", "agree")
        open_ = [votes.find_open(one) for one in made]
    world.moment.go(days=7)

    def close(vote: Any) -> None:
        with transaction():
            votes.close(council.group.scope, vote.id)

    assert at_once(world, [lambda v=v: close(v) for v in open_ * 2]) == [None] * 4
    with world.app.app_context():
        assert [council.get(one).state for one in made] == [ProposalState.ADOPTED] * 2
        assert [v.n for v in versions.list_all(council.group_id)] == [3, 2, 1]
    world.moment.go(hours=48)
    assert at_once(world, [lambda: jobs.run_due(100)] * 3) == [None] * 3
    with world.app.app_context():
        jobs.run_due(100)
        bodies = {one.uid: one.body for one in council.rules.rules}
        assert (bodies["phones"], bodies["be-kind"]) == ("Put your phone away.", KINDER[0].to["body"])
        holding = select(CharterVersion.n).where(CharterVersion.status == VersionStatus.IN_FORCE)
        assert [one.n for one in rows(holding)] == [3]


@pytest.mark.parametrize("times", [3])
def test_a_call_of_three_at_once_opens_one_deciding(world: World, times: int) -> None:
    with world.app.app_context():
        council = Council(world)
        made = council.propose()
        council.second(made)
        world.moment.go(hours=72)
        actors = [person.actor for person in council.people[:times]]
    wrong = at_once(world, [lambda a=a: votes.call(a, made) for a in actors * 2])
    assert all(error is None or isinstance(error, NotAllowed) for error in wrong), wrong
    with world.app.app_context():
        assert len(votes.list_of(made)) == 1
        assert proposals.find(made).state is ProposalState.DECIDING  # type: ignore[union-attr]
