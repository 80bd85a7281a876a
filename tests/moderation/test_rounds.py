"""The reading round: one stream for the whole team, read by nobody twice and left by nobody for good."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from forum.base.db import row
from forum.base.errors import NotFound
from forum.base.idents import write_ident, write_post_id
from forum.base.transaction import transaction
from forum.conversations import choices, lifecycle, looking_after
from forum.conversations import usecases as posting
from forum.models import Role
from moderation import round_pages, rounds
from moderation.round_models import TeamRead
from tests.world import Person, World, conversation_url, text_of


class Evening:
    """A group with two volunteers and two members."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.robin = world.person(self.group, Role.MODERATOR)
        self.wren = world.person(self.group, Role.FACILITATOR)
        self.member, self.other = world.person(self.group), world.person(self.group)

    def take(self, who: Person) -> list[int]:
        """What somebody reads next."""
        rounds.take(who.actor, self.group.scope)
        return self.mine(who)

    def mine(self, who: Person) -> list[int]:
        return [new.post_id for new in rounds.list_mine(who.actor, self.group.scope)]

    def read(self, who: Person, *left: int) -> list[int]:
        """Take, read and mark a stretch; gives its posts."""
        self.take(who)
        new = rounds.list_mine(who.actor, self.group.scope)
        upto = {one.source: max(n.feed_no for n in new if n.source == one.source) for one in new}
        rounds.mark_read(who.actor, self.group.scope, upto, left)
        return [one.post_id for one in new]

    @property
    def waiting(self) -> rounds.Waiting:
        return rounds.count_waiting(self.robin.actor, self.group.scope)


@pytest.fixture
def evening(world: World, inside: None) -> Evening:
    return Evening(world)


def test_two_volunteers_read_everything_once_and_nothing_twice(evening: Evening) -> None:
    topics = [evening.world.topic(evening.member, f"Evening {n}") for n in range(3)]
    for n in range(30):
        evening.world.reply(evening.other, topics[n % 3], f"Thought {n}", masked=n % 2 == 0)
    read: list[int] = []
    while found := evening.read((evening.robin, evening.wren)[len(read) % 2]):
        assert len(found) <= rounds.STRETCH
        read += found
    assert len(read) == len(set(read)) == 33
    assert evening.waiting.posts == 0


def test_what_one_reads_now_the_other_is_not_given_and_sees_who_reads(evening: Evening) -> None:
    first = evening.world.topic(evening.member, "First")
    for n in range(25):
        evening.world.reply(evening.other, first, f"Thought {n}")
    evening.world.moment.go(hours=1)
    evening.world.topic(evening.member, "Second")
    assert len(evening.take(evening.robin)) == rounds.STRETCH
    assert len(evening.take(evening.wren)) == 1
    seen = rounds.count_waiting(evening.wren.actor, evening.group.scope)
    assert seen.posts == 27
    assert seen.taken == [evening.robin.name]


def test_who_does_not_come_back_keeps_nothing_from_the_others(evening: Evening) -> None:
    evening.world.topic(evening.member)
    mine = evening.take(evening.robin)
    assert mine
    assert evening.take(evening.wren) == []
    evening.world.moment.go(minutes=31)
    assert evening.mine(evening.robin) == []
    assert evening.take(evening.wren) == mine


def test_a_round_goes_on_where_it_stopped_on_another_device(evening: Evening) -> None:
    evening.world.topic(evening.member)
    mine = evening.take(evening.robin)
    page = text_of(evening.world.signed_in_again(evening.robin).get(f"/g/{evening.group.address}/round"))
    assert "Hello from me." in page
    assert evening.mine(evening.robin) == mine


def test_changed_words_are_new_and_a_heart_is_not(evening: Evening) -> None:
    topic = evening.world.topic(evening.member)
    post = evening.world.reply(evening.member, topic)
    evening.read(evening.robin)
    evening.other.send(f"/p/{write_post_id(post)}/react", {"kind": "thanks"})
    assert evening.waiting.posts == 0
    posting.edit_post(evening.member.actor, post, "I meant something else.", "en")
    assert evening.read(evening.wren) == [post]


def test_what_is_written_while_one_reads_waits_on(evening: Evening) -> None:
    topic = evening.world.topic(evening.member)
    evening.take(evening.robin)
    seen = rounds.list_mine(evening.robin.actor, evening.group.scope)
    later = evening.world.reply(evening.other, topic)
    rounds.mark_read(evening.robin.actor, evening.group.scope, {one.source: one.feed_no for one in seen})
    assert evening.read(evening.wren) == [later]


def test_a_mark_goes_only_forwards_and_never_past_what_is_there(evening: Evening) -> None:
    topic = evening.world.topic(evening.member)
    rounds.mark_read(evening.robin.actor, evening.group.scope, {topic: 10**6})
    rounds.mark_read(evening.wren.actor, evening.group.scope, {topic: 0})
    kept = row(select(TeamRead.feed_no).where(TeamRead.conversation_id == topic))
    assert kept
    assert kept.feed_no == 1
    later = evening.world.reply(evening.other, topic)
    assert evening.read(evening.wren) == [later]


def test_the_oldest_words_come_first_and_a_week_unread_is_said(evening: Evening) -> None:
    old = evening.world.topic(evening.member, "Old")
    evening.world.moment.go(days=8)
    evening.world.topic(evening.other, "New")
    evening.take(evening.robin)
    first = rounds.list_mine(evening.robin.actor, evening.group.scope)[0]
    assert (first.source, first.late) == (old, True)
    assert evening.waiting.late == 1
    page = text_of(evening.robin.get(f"/g/{evening.group.address}/round"))
    assert "Nobody of the team has read this for a week." in page
    assert page.index("Old") < page.index("New")


def test_what_one_leaves_a_colleague_reads(evening: Evening) -> None:
    topic = evening.world.topic(evening.member)
    heavy = evening.world.reply(evening.other, topic)
    evening.read(evening.robin, heavy)
    assert (evening.waiting.posts, evening.waiting.left) == (1, 1)
    evening.world.moment.go(days=8)
    assert evening.waiting.late == 1
    rounds.mark_left_read(evening.wren.actor, evening.group.scope, [heavy])
    assert evening.waiting.posts == 0


def test_words_of_somebody_one_blocked_are_left_unless_one_says_otherwise(evening: Evening) -> None:
    topic = evening.world.topic(evening.member)
    away = evening.world.reply(evening.other, topic, "Only for other eyes.")
    blocked = frozenset({evening.other.persona_id})
    choices.keep(evening.robin.actor, evening.group.scope.group_id, lambda mine: replace(mine, blocked=blocked))
    here = f"/g/{evening.group.address}/round"
    evening.robin.send(f"{here}/take")
    page = text_of(evening.robin.get(here))
    assert "Only for other eyes." not in page
    assert "You blocked who wrote this." in page
    ident = write_post_id(away)
    assert f'value="{ident}" checked' in evening.robin.get(here).text
    marks = round_pages.marks_of(rounds.list_mine(evening.robin.actor, evening.group.scope))
    evening.robin.send(f"{here}/read", {"marks": marks, "leave": ident, "then": "stop"})
    assert [one.post_id for one in rounds.list_left(evening.wren.actor, evening.group.scope)] == [away]
    assert "blocked" not in text_of(evening.wren.get(here))


def test_words_that_are_away_or_wait_are_not_in_the_round_and_come_back_with_release(evening: Evening) -> None:
    topic = evening.world.topic(evening.member)
    evening.read(evening.robin)
    gone = evening.world.reply(evening.other, topic)
    held = evening.world.reply(evening.other, topic, "See https://example.org for more.")
    posting.withdraw_post(evening.other.actor, gone)
    assert evening.waiting.posts == 0
    with transaction():
        lifecycle.publish(held, topic, "release")
    assert evening.read(evening.wren) == [held]


def test_a_topic_that_is_parted_is_read_once(evening: Evening) -> None:
    topic = evening.world.topic(evening.member)
    second = evening.world.reply(evening.other, topic)
    third = evening.world.reply(evening.other, topic)
    rounds.mark_read(evening.robin.actor, evening.group.scope, {topic: 2})
    looking_after.split(evening.robin.actor, second, "Another", "These are two things.")
    evening.take(evening.wren)
    page = text_of(evening.wren.get(f"/g/{evening.group.address}/round"))
    assert "Another" in page
    assert evening.mine(evening.wren) == [third]
    assert evening.read(evening.wren) == [third]
    assert evening.waiting.posts == 0


def test_lines_to_the_team_and_other_groups_are_not_in_it(evening: Evening) -> None:
    far = evening.world.group()
    stranger = evening.world.person(far)
    there = evening.world.topic(stranger)
    evening.member.send(f"/g/{evening.group.address}/ask", {"body": "A question."})
    evening.world.settle()
    assert evening.take(evening.robin) == []
    rounds.mark_read(evening.robin.actor, evening.group.scope, {there: 1})
    assert row(select(TeamRead.feed_no).where(TeamRead.conversation_id == there)) is None


def test_members_have_no_round_and_its_mark_changes_no_byte_of_theirs(evening: Evening) -> None:
    topic = evening.world.topic(evening.member)
    pages = ["/", f"/g/{evening.group.address}", conversation_url(topic), f"/g/{evening.group.address}/catch-up"]
    before = [steady(evening.other, page) for page in pages]
    evening.read(evening.robin)
    assert [steady(evening.other, page) for page in pages] == before
    with pytest.raises(NotFound):
        rounds.count_waiting(evening.other.actor, evening.group.scope)
    with pytest.raises(NotFound):
        rounds.take(evening.other.actor, evening.group.scope)
    with pytest.raises(NotFound):
        rounds.mark_read(evening.other.actor, evening.group.scope, {topic: 1})
    assert evening.other.get(f"/g/{evening.group.address}/round").status_code == 404


def steady(who: Person, page: str) -> str:
    """What stands on a page."""
    return text_of(who.get(page))


def test_what_the_team_read_says_nothing_about_who(evening: Evening) -> None:
    topic = evening.world.topic(evening.member)
    evening.read(evening.robin)
    kept = row(select(*TeamRead.__table__.columns).where(TeamRead.conversation_id == topic))
    assert kept
    assert evening.robin.persona_id not in tuple(kept)
    assert write_ident(evening.robin.persona_id) not in str(tuple(kept))
