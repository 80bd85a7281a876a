"""Every choice has an effect of its own, reasons that its author reads, and an inverse that takes away that effect alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.base import clock, jobs
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.conversations import places
from forum.conversations import queries as conversations
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.models import Board, Conversation, Post, PostState, Role
from moderation import audit, author, decisions, effects, report_targets, reports, undo, usecases
from moderation.decisions import Lost, Verdict
from moderation.models import CaseItem, CaseKind, Choice, Decision, Effect, Evidence
from moderation.reports import Saying
from moderation.round_models import CaseNote
from tests.world import Person, World

WHY = "Please leave out what shows who somebody is."


class Story:
    """A group with two members, two moderators, and one post that a member reported."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group(boards=("Say hello", "Hard nights"))
        self.wren, self.heron = world.person(self.group), world.person(self.group)
        self.owl, self.jay = world.person(self.group, Role.MODERATOR), world.person(self.group, Role.MODERATOR)
        self.topic = world.topic(self.heron, "First topic", "First words.")
        self.post = world.reply(self.wren, self.topic, "Words with *weight*.")
        self.item = self.report(self.heron)

    def report(self, person: Person, kind: CaseKind = CaseKind.REPORT) -> bytes:
        return reports.tell(person.actor, kind, lambda now: report_targets.of_post(now, self.post), Saying())

    def verdict(self, choice: Choice, words: str = WHY, item: bytes | None = None, **more: object) -> Verdict:
        found = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == (item or self.item)))
        assert found
        seen = row(select(Post.changed_in).where(Post.id == self.post))
        assert seen
        fields = {"clause_uid": "be-kind", "seen": seen.changed_in} | more
        return Verdict(choice, found.version, found.claim_gen, words, **fields)  # type: ignore[arg-type]

    def decide(self, choice: Choice, person: Person | None = None, **more: object) -> bytes:
        return decisions.decide((person or self.owl).actor, self.item, self.verdict(choice, **more))

    def other_board(self) -> bytes:
        found = row(select(Board.id).where(Board.group_id == self.group.scope.group_id, Board.name == "Hard nights"))
        assert found
        return bytes(found.id)

    def visible(self) -> tuple[object, ...]:
        """All that a reader can tell of the post and its topic, apart from numbers that only grow."""
        columns = (Post.body, Post.html, Post.lang, Post.seq, Post.state, Post.notes, Post.mark, Post.edited)
        place = (Conversation.board_id, Conversation.title, Conversation.closed_at, Conversation.last_activity_hour)
        found = row(select(*columns, *place, Conversation.shown_posts).join(Conversation).where(Post.id == self.post))
        assert found
        return tuple(found)

    def read_by(self, person: Person) -> list[int]:
        return [post.id for post in conversations.list_posts(person.actor, self.topic, 1)]


@pytest.fixture
def story(world: World, inside: object) -> Story:
    return Story(world)


def state_of(post_id: int) -> PostState:
    found = row(select(Post.state).where(Post.id == post_id))
    assert found
    return PostState(found.state)


def find_decision(post_id: int) -> bytes:
    found = row(select(Decision.id).where(Decision.post_id == post_id))
    assert found
    return bytes(found.id)


def open_items(story: Story) -> list[bytes]:
    mine = (CaseItem.group_id == story.group.scope.group_id, CaseItem.decided.is_(False))
    return [r.id for r in rows(select(CaseItem.id).where(*mine, CaseItem.kind == CaseKind.REPORT))]


# --- M8: apply, then undo ---------------------------------------------------------------------------------------------

EACH = (Choice.HIDE, Choice.FOLD, Choice.LIMIT, Choice.MOVE, Choice.LOCK, Choice.ASK_AUTHOR)


@pytest.mark.parametrize("choice", EACH)
def test_m8_undoing_a_decision_restores_all_that_a_reader_sees(story: Story, choice: Choice) -> None:
    before = story.visible()
    decision = story.decide(choice, board_id=story.other_board())
    assert (story.visible() == before) is (choice is Choice.ASK_AUTHOR)
    assert open_items(story) == []
    undo.revert(story.owl.actor, decision, "")
    assert story.visible() == before
    assert open_items(story) == [story.item]
    assert audit.find_break() is None


@pytest.mark.parametrize("choice", [Choice.HIDE, Choice.FOLD, Choice.LIMIT])
def test_m8_undoing_one_decision_leaves_the_effects_of_another(story: Story, choice: Choice) -> None:
    first = story.decide(choice)
    after_first = state_of(story.post), story.visible()[5]
    other = story.report(story.world.person(story.group, Role.MODERATOR))
    if choice is Choice.HIDE:
        second = decisions.decide(story.jay.actor, other, story.verdict(choice, item=other))
        undo.revert(story.owl.actor, first, "")
        assert (state_of(story.post), story.visible()[5]) == after_first
        undo.revert(story.jay.actor, second, "")
    else:
        second = decisions.decide(story.jay.actor, other, story.verdict(Choice.ASK_AUTHOR, item=other))
        undo.revert(story.jay.actor, second, "")
        assert (state_of(story.post), story.visible()[5]) == after_first
        undo.revert(story.owl.actor, first, "")
    assert state_of(story.post) is PostState.VISIBLE
    assert effects.of_post(story.post) == []


def test_words_kept_to_the_team_are_read_by_their_author_and_the_team_alone(story: Story) -> None:
    assert story.post in story.read_by(story.heron)
    story.decide(Choice.LIMIT)
    assert story.post not in story.read_by(story.heron)
    assert story.post not in story.read_by(story.owl)
    place = places.find_place(story.topic)
    assert place
    mine = story.wren.actor.memberships[story.group.scope.group_id]
    assert story.post in [post.id for post in conversations.list_waiting(story.wren.actor, mine, place)]
    assert conversations.get_row(story.owl.actor, story.post)[0].id == story.post
    with pytest.raises(NotFound):
        conversations.get_row(story.heron.actor, story.post)


def test_a_topic_that_is_closed_for_a_day_opens_by_itself(story: Story) -> None:
    story.decide(Choice.LOCK)
    with pytest.raises(Exception, match="closed"):
        posting.submit_post(story.heron.actor, story.topic, Words("Now?"), "a")
    story.world.moment.go(hours=25)
    jobs.run_due()
    posting.submit_post(story.heron.actor, story.topic, Words("Now?"), "b")


def test_a_later_undo_needs_words_and_anybody_of_the_team_may(story: Story) -> None:
    decision = story.decide(Choice.HIDE)
    with pytest.raises(Invalid):
        undo.revert(story.jay.actor, decision, "")
    story.world.moment.go(minutes=6)
    with pytest.raises(Invalid):
        undo.revert(story.owl.actor, decision, "")
    inverse = undo.revert(story.jay.actor, decision, "It was kindly meant.")
    assert state_of(story.post) is PostState.VISIBLE
    assert open_items(story) == []  # a later one reopens nothing
    found = row(select(Decision.reverts_id).where(Decision.id == inverse))
    assert found
    assert found.reverts_id == decision
    with pytest.raises(Conflict):
        undo.revert(story.owl.actor, decision, "Once more.")


def test_members_and_the_author_of_the_words_undo_nothing(story: Story) -> None:
    decision = story.decide(Choice.HIDE)
    for person in (story.heron, story.wren):
        with pytest.raises(NotFound):
            undo.revert(person.actor, decision, "Mine.")
    own = story.world.reply(story.owl, story.world.topic(story.owl), "A moderator's own words.")
    hidden = usecases.hide_post(story.jay.actor, own, WHY, "be-kind")
    with pytest.raises(NotAllowed, match="wrote this yourself"):
        undo.revert(story.owl.actor, find_decision(hidden.post_id), "Mine.")
    undo.revert(story.jay.actor, decision, "A colleague may.")


# --- M7: reasons ------------------------------------------------------------------------------------------------------


def test_m7_a_decision_names_a_rule_that_held_when_the_words_were_written(story: Story) -> None:
    for wrong in ({"clause_uid": ""}, {"clause_uid": "made-up"}, {"words": "Rude."}):
        with pytest.raises(Invalid):
            story.decide(Choice.HIDE, **wrong)
    decision = story.decide(Choice.HIDE)
    found = row(
        select(Decision.rules_version, Decision.clause_uid, Post.charter_version_id)
        .join(Post)
        .where(Decision.id == decision)
    )
    assert found
    assert found.clause_uid == "be-kind"
    assert found.rules_version == found.charter_version_id is not None


def test_its_author_reads_the_reasons_ten_seconds_later_and_nobody_else_does(story: Story) -> None:
    decision = story.decide(Choice.FOLD)
    assert author.list_for(story.group.scope, story.post) == []
    story.world.moment.go(seconds=11)
    (told,) = author.list_for(story.group.scope, story.post)
    assert (told.statement.words, told.undone) == (WHY, False)
    assert told.clause is not None
    assert told.clause.heading == "Be kind"
    undo.revert(story.owl.actor, decision, "")
    assert [one.undone for one in author.list_for(story.group.scope, story.post)] == [True]


def test_what_is_taken_back_before_it_was_shown_was_never_there(story: Story) -> None:
    undo.revert(story.owl.actor, story.decide(Choice.FOLD), "")
    story.world.moment.go(minutes=1)
    assert author.list_for(story.group.scope, story.post) == []


def test_reasons_do_not_say_whether_somebody_reported(story: Story) -> None:
    """The sealed statement knows; what an author reads is the same bytes (docs/decisions/0056)."""
    story.decide(Choice.FOLD)
    story.world.moment.go(seconds=11)
    (told,) = author.list_for(story.group.scope, story.post)
    assert told.statement.found == "member"
    assert told.statement.appeal_on == (clock.now() + timedelta(days=183)).date()
    assert WHY.encode() not in b"".join(r.sealed for r in rows(select(Evidence.sealed)))


# --- M1: two moderators -----------------------------------------------------------------------------------------------


def test_m1_the_second_of_two_keeps_their_words_as_a_note(story: Story) -> None:
    first, second = story.verdict(Choice.HIDE), story.verdict(Choice.ASK_AUTHOR, words="Could you say it more gently?")
    decisions.decide(story.owl.actor, story.item, first)
    with pytest.raises(Lost):
        decisions.decide(story.jay.actor, story.item, second)
    assert len(rows(select(Decision.id).where(Decision.item_id == story.item))) == 1
    assert len(rows(select(CaseNote.id).where(CaseNote.item_id == story.item))) == 1
    assert len(rows(select(Effect.id))) == 1


# --- M11: worries -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", [Choice.FOLD, Choice.LIMIT, Choice.ASK_AUTHOR])
def test_m11_a_worry_waits_on_after_anything_but_words_with_the_person(story: Story, choice: Choice) -> None:
    worry = story.report(story.heron, CaseKind.WELFARE)
    decisions.decide(story.owl.actor, worry, story.verdict(choice, item=worry))
    found = row(select(CaseItem.decided).where(CaseItem.id == worry))
    assert found
    assert not found.decided


def test_m11_no_number_of_reports_changes_what_is_seen_of_a_worry(story: Story) -> None:
    before = story.visible()
    for _n in range(12):
        story.report(story.world.person(story.group), CaseKind.WELFARE)
    assert story.visible() == before
    assert rows(select(Effect.id)) == []
