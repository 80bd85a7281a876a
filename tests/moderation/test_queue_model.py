"""M8, M10: whatever is decided, undone, appealed and edited in whatever order, a post is what the decisions that still hold
make of it."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from forum.base.db import row
from forum.base.transaction import transaction
from forum.content.notes import Fold
from forum.conversations import usecases as posting
from forum.models import Conversation, Post, PostState, Role
from moderation import appeal_ends, appeals, audit, decisions, effects, items, undo
from moderation.decisions import Verdict
from moderation.models import CaseItem, CaseKind, Choice, EffectKind, Source, Target
from tests.world import Person, World

WHY = "Please leave out what shows who somebody is."
CHOICES = (Choice.HIDE, Choice.FOLD, Choice.LIMIT, Choice.ASK_AUTHOR)
#: What a choice needs of the post: words that are away can only be put away for a second reason.
NEEDS = {Choice.HIDE: (PostState.VISIBLE, PostState.HIDDEN)}


@dataclass
class Model:
    """What should be: the decisions that hold, and what each does."""

    holds: dict[bytes, Choice] = field(default_factory=dict)

    @property
    def state(self) -> PostState:
        if Choice.HIDE in self.holds.values():
            return PostState.HIDDEN
        return PostState.HELD if Choice.LIMIT in self.holds.values() else PostState.VISIBLE

    @property
    def standing(self) -> list[bytes]:
        """What can be appealed or undone: a question to the author takes nothing away."""
        return [one for one, choice in self.holds.items() if choice is not Choice.ASK_AUTHOR]

    @property
    def folded(self) -> bool:
        return Choice.FOLD in self.holds.values()


class Story:
    """One post, and two moderators who take turns."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren = world.person(self.group)
        self.team = [world.person(self.group, Role.MODERATOR) for _n in range(2)]
        self.judge = world.person(self.group, Role.MODERATOR)  # decides about appeals alone, so may judge each of them
        self.topic = world.topic(self.wren)

    def new_post(self) -> None:
        self.post, self.model = self.world.reply(self.wren, self.topic, "Words with *weight*."), Model()
        self.first = self.seen()

    def seen(self) -> tuple[object, ...]:
        columns = (Post.body, Post.html, Post.lang, Post.seq, Post.mark, Post.edited, Post.conversation_id)
        found = row(select(*columns, Post.state, Post.notes).where(Post.id == self.post))
        assert found
        return tuple(found)

    def counted(self) -> int:
        found = row(select(Conversation.shown_posts).where(Conversation.id == self.topic))
        assert found
        return int(found.shown_posts)

    def decide(self, choice: Choice, by: Person) -> None:
        if self.model.state not in NEEDS.get(choice, (PostState.VISIBLE,)) and choice is not Choice.ASK_AUTHOR:
            return
        with transaction():
            about = {"about": self.post, "target": Target.POST, "source": Source.MEMBER}
            item = items.open_item(self.group.scope, CaseKind.REPORT, **about)  # type: ignore[arg-type]
        found = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == item))
        assert found
        verdict = Verdict(choice, found.version, found.claim_gen, WHY, "be-kind")
        self.model.holds[decisions.decide(by.actor, item, verdict)] = choice

    def undo(self, which: int, by: Person) -> None:
        if held := self.model.standing:
            decision = held[which % len(held)]
            undo.revert(by.actor, decision, "It was kindly meant.")
            del self.model.holds[decision]

    def overturn(self) -> None:
        """The author appeals the newest decision that holds, once they can read it, and somebody new agrees with them."""
        self.world.moment.go(seconds=11)
        newest = appeals.find_decision(self.group.scope, self.post)
        if newest is None:
            assert self.model.standing == []
            return
        item = appeals.appeal(self.wren.actor, self.post, "I meant nobody by it.")
        found = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == item))
        assert found
        words = "You are right. It is as it was."
        appeal_ends.conclude(self.judge.actor, item, Verdict(Choice.OVERTURN, found.version, found.claim_gen, words))
        del self.model.holds[newest.id]

    def edit(self, n: int) -> None:
        """Its author changes the words, if everybody sees them."""
        if self.model.state is PostState.VISIBLE:
            posting.edit_post(self.wren.actor, self.post, f"Words with *less weight* {n}.", "en")
            *said, state, notes = self.seen()
            self.first = (*said, state, int(str(notes)) & ~int(Fold.TEAM))

    def check(self) -> None:
        body, *_rest, state, notes = self.seen()
        assert state is self.model.state
        if state is not PostState.HIDDEN:
            assert body == self.first[0]
            assert bool(int(str(notes)) & Fold.TEAM) is self.model.folded
        held = sorted(choice.value for choice in self.model.holds.values() if choice is not Choice.ASK_AUTHOR)
        assert sorted(effect.kind.value for effect in effects.of_post(self.post)) == held

    def unwind(self) -> None:
        while self.model.standing:
            self.undo(0, self.team[0])
        assert self.seen() == self.first


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("decide"), st.sampled_from(CHOICES), st.integers(0, 1)),
        st.tuples(st.just("undo"), st.integers(0, 5), st.integers(0, 1)),
        st.tuples(st.just("wait"), st.integers(1, 9), st.just(0)),
        st.tuples(st.just("overturn"), st.just(0), st.just(0)),
        st.tuples(st.just("edit"), st.integers(0, 9), st.just(0)),
    ),
    max_size=8,
)


HIDE = ("decide", Choice.HIDE, 0)
#: The note about undoing the first of two was once taken for the copy of the words, and they could not come back.
NOTE_IS_NO_COPY = [HIDE, HIDE, ("wait", 1, 0), ("undo", 0, 0), HIDE]


def run(story: Story, steps: list[tuple]) -> None:
    story.new_post()
    before = story.counted()
    for what, which, who in steps:
        if what == "decide":
            story.decide(which, story.team[who])
        elif what == "undo":
            story.undo(which, story.team[who])
        elif what == "overturn":
            story.overturn()
        elif what == "edit":
            story.edit(which)
        else:
            story.world.moment.go(minutes=which)
        story.check()
    story.unwind()
    assert story.counted() == before
    assert audit.find_break() is None


@pytest.fixture
def story(world: World, inside: object) -> Story:
    return Story(world)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
@example(steps=NOTE_IS_NO_COPY)
def test_m8_m10_a_post_is_what_the_decisions_that_hold_make_of_it(story: Story, steps: list[tuple]) -> None:
    run(story, steps)


@pytest.mark.nightly
@pytest.mark.timeout(1800)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_m8_m10_in_many_orders(story: Story, steps: list[tuple]) -> None:
    run(story, steps)


def test_the_model_notices_an_undo_that_takes_too_much(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: undoing one decision lifts the effects of all of them."""
    monkeypatch.setattr(effects, "of_decision", lambda _one: effects.of_post(story.post))
    with pytest.raises(AssertionError):
        run(story, [HIDE, HIDE, ("undo", 0, 0)])
    assert EffectKind.HIDE not in {effect.kind for effect in effects.of_post(story.post)}
