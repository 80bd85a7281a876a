"""Several at once are several decisions; a person is restricted only when a second one agrees."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.conversations import team, usecases
from forum.conversations.prepare import Words
from forum.models import Post, PostState, Restriction, Role
from moderation import author, bulk, decisions, proposals, queue, undo
from moderation.decisions import Verdict
from moderation.models import CaseItem, CaseKind, Choice, Decision, Effect
from tests.world import GroupHere, Person, World

WHY = "Please leave the link out, and say it in your own words."


def held(world: World, group: GroupHere, n: int) -> list[int]:
    """Posts that the gate holds."""
    topic = world.topic(world.person(group))
    author = world.person(group)
    words = [Words(f"Read https://example.org/{one} first.") for one in range(n)]
    return [usecases.submit_post(author.actor, topic, said, f"t{at}").id for at, said in enumerate(words)]


def chosen(actor: Person, kind: CaseKind = CaseKind.HOLD) -> list[tuple[bytes, int, int]]:
    assert actor.group
    return [(item.id, item.version, item.claim_gen) for item in bulk.list_kind(actor.actor, actor.group.scope, kind)]


def states(posts: list[int]) -> list[PostState]:
    return [r.state for r in rows(select(Post.state).where(Post.id.in_(posts)).order_by(Post.id))]


@pytest.mark.parametrize("choice", [Choice.RELEASE, Choice.KEEP_BACK])
def test_m12_several_at_once_end_as_each_alone(world: World, inside: object, choice: Choice) -> None:
    ends = []
    for together in (True, False):
        group = world.group()
        owl = world.person(group, Role.MODERATOR)
        posts = held(world, group, 4)
        verdict = Verdict(choice, 0, words=WHY, clause_uid="links")
        if together:
            outcome = bulk.decide_all(owl.actor, chosen(owl), verdict)
            assert (len(outcome.done), outcome.failed) == (4, [])
        else:
            for item_id, _version, _gen in chosen(owl):
                decisions.decide(owl.actor, item_id, verdict)
        mine = (Decision.group_id == group.scope.group_id, Decision.choice == choice)
        bulks = {r.bulk_id for r in rows(select(Decision.bulk_id).where(*mine))}
        assert (len(bulks), None in bulks) == (1, not together)
        effects = rows(select(Effect.id).where(Effect.group_id == group.scope.group_id))
        ends.append((states(posts), len(rows(select(Decision.id).where(*mine))), len(effects)))
    assert ends[0] == ends[1]


def test_m12_one_that_somebody_else_decided_is_listed_and_stops_no_other(world: World, inside: object) -> None:
    group = world.group()
    owl, jay = world.person(group, Role.MODERATOR), world.person(group, Role.MODERATOR)
    posts = held(world, group, 3)
    picked = chosen(owl)
    decisions.decide(jay.actor, picked[1][0], Verdict(Choice.KEEP_BACK, 0, words=WHY, clause_uid="links"))
    outcome = bulk.decide_all(owl.actor, picked, Verdict(Choice.RELEASE, 0))
    assert len(outcome.done) == 2
    assert [item_id for item_id, _why in outcome.failed] == [picked[1][0]]
    assert sorted(states(posts)) == [PostState.HIDDEN, PostState.VISIBLE, PostState.VISIBLE]
    undo.revert(owl.actor, outcome.done[0], "")
    assert sorted(states(posts)) == [PostState.HELD, PostState.HIDDEN, PostState.VISIBLE]


def test_what_may_be_about_a_person_in_need_is_never_decided_in_a_row(world: World, inside: object) -> None:
    group = world.group()
    owl = world.person(group, Role.MODERATOR)
    for kind in (CaseKind.WELFARE, CaseKind.ILLEGAL, CaseKind.APPEAL, CaseKind.PROPOSED, CaseKind.REPORT):
        with pytest.raises(Conflict):
            bulk.list_kind(owl.actor, group.scope, kind)
    with pytest.raises(NotFound):
        bulk.list_kind(world.person(group).actor, group.scope, CaseKind.HOLD)
    with pytest.raises(Invalid):
        bulk.decide_all(owl.actor, [(b"\1" * 16, 0, 0)] * 51, Verdict(Choice.RELEASE, 0))
    assert bulk.list_kind(owl.actor, group.scope, CaseKind.HOLD) == []


# --- Restricting a person ---------------------------------------------------------------------------------------------


class Story:
    """A group in which a moderator proposes to restrict a member, who wrote under a name and under an alias."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group), world.person(self.group)
        self.owl = world.person(self.group, Role.MODERATOR)
        self.robin = world.person(self.group, Role.FACILITATOR)
        self.topic = world.topic(self.heron)
        self.posts = {m: world.reply(self.wren, self.topic, f"Unkind words. {m}", masked=m) for m in (False, True)}

    def propose(self, what: Choice = Choice.PAUSE_POSTING, *, masked: bool = False) -> bytes:
        return proposals.propose(self.owl.actor, self.posts[masked], what, 2, WHY, "be-kind")

    def answer(self, item: bytes, person: Person, choice: Choice = Choice.CONFIRM, *, looked: bool = True) -> bytes:
        found = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == item))
        assert found
        return decisions.decide(person.actor, item, Verdict(choice, found.version, found.claim_gen, looked=looked))

    def write(self, token: str, *, masked: bool = False) -> PostState:
        return usecases.submit_post(self.wren.actor, self.topic, Words("Once more.", masked=masked), token).state


@pytest.fixture
def story(world: World, inside: object) -> Story:
    return Story(world)


@pytest.mark.parametrize("masked", [False, True])
def test_a_pause_begins_when_a_second_person_agrees_and_binds_each_face(story: Story, masked: bool) -> None:
    item = story.propose(masked=masked)
    story.write("a")
    for person, looked, refused in (
        (story.owl, True, NotAllowed),
        (story.robin, False, Invalid),
        (story.wren, True, NotFound),
        (story.heron, True, NotFound),
    ):
        with pytest.raises(refused):
            story.answer(item, person, looked=looked)
    story.answer(item, story.robin)
    for face in (False, True):
        with pytest.raises(NotAllowed, match="asked you to wait"):
            story.write("b", masked=face)
    team.write_to_team(story.wren.actor, story.group.scope, Words("May I ask why?"), "line")
    story.world.moment.go(hours=49)
    story.write("c")


def test_slow_means_once_an_hour(story: Story) -> None:
    story.answer(story.propose(Choice.SLOW_MEMBER), story.robin)
    story.write("a")
    with pytest.raises(NotAllowed):
        story.write("b")
    story.world.moment.go(minutes=61)
    story.write("b")


def test_its_person_reads_why_and_an_undo_ends_it(story: Story) -> None:
    decision = story.answer(story.propose(), story.robin)
    story.world.moment.go(seconds=11)
    (told,) = author.list_for(story.group.scope, story.posts[False])
    assert told.statement.words == WHY
    undo.revert(story.robin.actor, decision, "")
    story.write("a")


def test_undoing_one_pause_leaves_a_later_one(story: Story) -> None:
    first = story.answer(story.propose(), story.robin)
    second = story.answer(story.propose(), story.robin)
    story.world.moment.go(minutes=6)
    undo.revert(story.robin.actor, first, "That one was too much.")
    with pytest.raises(NotAllowed):
        story.write("a")
    undo.revert(story.robin.actor, second, "That one, too.")
    story.write("a")


def test_a_proposal_that_is_declined_leaves_no_trace_for_the_person(story: Story) -> None:
    story.answer(story.propose(), story.robin, Choice.DECLINE)
    story.write("a")
    assert rows(select(Effect.id)) == []
    assert rows(select(Restriction.tag)) == []
    assert author.list_for(story.group.scope, story.posts[False]) == []


def test_whom_it_names_finds_no_trace_of_a_proposal(story: Story) -> None:
    """Also a moderator who wrote under an alias: the others of the team see it, and they do not."""
    post = story.world.reply(story.robin, story.topic, "Unkind, too.", masked=True)
    jay = story.world.person(story.group, Role.MODERATOR)
    item = proposals.propose(story.owl.actor, post, Choice.PAUSE_POSTING, 1, WHY, "be-kind")
    for person, sees in ((jay, True), (story.robin, False)):
        lines = queue.list_open(person.actor, story.group.scope).lines
        assert (item in [line.id for line in lines]) is sees
    with pytest.raises(NotFound):
        story.answer(item, story.robin)
    story.answer(item, jay)  # no other facilitator may see it, so another of the team is the second person


def test_nothing_but_a_second_person_restricts_anybody(story: Story) -> None:
    with pytest.raises(Invalid):
        proposals.propose(story.owl.actor, story.posts[False], Choice.REMOVE, 2, WHY, "be-kind")
    with pytest.raises(Invalid):
        proposals.propose(story.owl.actor, story.posts[False], Choice.PAUSE_POSTING, 8, WHY, "be-kind")
    item = story.propose()
    with pytest.raises(Conflict):
        story.propose()
    found = row(select(Decision.until_at, Decision.confirmed_by).where(Decision.item_id == item))
    assert found
    assert (found.until_at, found.confirmed_by) == (clock.now() + timedelta(days=2), None)
