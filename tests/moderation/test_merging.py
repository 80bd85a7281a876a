"""Two items about the same are decided about once; nothing is lost, and a worry never ends in anything but a worry."""

import pytest
from sqlalchemy import select

from forum.base.db import row
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import write_ident
from forum.models import Role
from moderation import decisions, report_queries, report_targets, reports, sight, undo
from moderation.decisions import Verdict
from moderation.models import CaseItem, CaseKind, Choice
from moderation.reports import Saying
from tests.world import Person, World, text_of


class Story:
    """Wren wrote two posts in one topic; Heron and Finch tell the team, and Owl and Jay look after it."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron, self.finch = (world.person(self.group, name=n) for n in ("Wren", "Heron", "Finch"))
        self.owl = world.person(self.group, Role.MODERATOR, name="Owl")
        self.jay = world.person(self.group, Role.MODERATOR, name="Jay")
        self.topic = world.topic(self.heron, body="First words.")
        self.posts = [world.reply(self.wren, self.topic, f"Unkind words {n}.") for n in range(2)]

    def tell(self, who: Person, post: int, kind: CaseKind = CaseKind.REPORT, words: str = "") -> bytes:
        look = report_targets.of_author if kind is CaseKind.WELFARE else report_targets.of_post
        return reports.tell(who.actor, kind, lambda now: look(now, post), Saying(words=words))

    def columns(self, item: bytes) -> CaseItem:
        found = row(select(*CaseItem.__table__.columns).where(CaseItem.id == item))
        assert found
        return found  # type: ignore[return-value]

    def merge(self, item: bytes, into: bytes | None, by: Person | None = None) -> bytes:
        seen = self.columns(item)
        return decisions.decide(
            (by or self.owl).actor, item, Verdict(Choice.MERGE, seen.version, seen.claim_gen, into=into)
        )


@pytest.fixture
def story(world: World, inside: object) -> Story:
    return Story(world)


def test_two_reports_about_one_person_are_decided_about_once(story: Story) -> None:
    one = story.tell(story.heron, story.posts[0], words="This is unkind.")
    story.world.moment.go(minutes=5)
    two = story.tell(story.finch, story.posts[1])
    before = story.columns(two)
    page = story.owl.get(f"/cases/{write_ident(one)}")
    assert page.status_code == 200
    story.owl.send(f"/cases/{write_ident(one)}/claim")
    assert f'value="{write_ident(two)}"' in story.owl.get(f"/cases/{write_ident(one)}").text
    story.merge(one, two)
    after = story.columns(two)
    assert (story.columns(one).decided, after.decided) == (True, False)
    assert after.due_at == min(before.due_at, story.columns(one).due_at)
    assert after.version == before.version + 1, "whoever reads the other one is told that it changed"
    assert f"/cases/{write_ident(one)}" in story.jay.get(f"/cases/{write_ident(two)}").text
    assert "This is unkind." in text_of(story.jay.get(f"/cases/{write_ident(one)}")), "nothing of it is lost"
    mine = report_queries.get_mine(story.heron.actor, one)
    assert mine.outcome == "waits"
    decisions.decide(story.jay.actor, two, Verdict(Choice.LOOKED, after.version, after.claim_gen))
    assert report_queries.get_mine(story.heron.actor, one).outcome == "looked", (
        "who told about it learns what came of it"
    )


def test_m10_its_inverse_brings_it_back_at_any_time(story: Story) -> None:
    one, two = (story.tell(who, post) for who, post in zip((story.heron, story.finch), story.posts, strict=True))
    seen = (one, two)
    decision = story.merge(*seen)
    story.world.moment.go(days=3)
    undo.revert(story.jay.actor, decision, "They are two things.")
    assert not story.columns(one).decided
    assert story.columns(one).merged_into is None
    assert f"/cases/{write_ident(one)}" not in story.jay.get(f"/cases/{write_ident(two)}").text
    with pytest.raises(Conflict):
        undo.revert(story.jay.actor, decision, "Once more.")


def test_a_worry_ends_in_another_worry_about_the_same_person_alone(story: Story) -> None:
    worry = story.tell(story.heron, story.posts[0], CaseKind.WELFARE)
    report = story.tell(story.finch, story.posts[0])
    other = story.world.reply(story.finch, story.topic, "Words of another.")
    elsewhere = story.tell(story.heron, other, CaseKind.WELFARE)
    for into in (report, elsewhere, worry, None, b"x" * 16):
        with pytest.raises(Invalid):
            story.merge(worry, into)
    assert not story.columns(worry).decided
    named = story.tell(story.finch, story.posts[1], CaseKind.WELFARE, words="Jay knows her, Jay should not see it.")
    assert named != worry
    story.merge(named, worry)
    assert (story.columns(named).decided, story.columns(worry).decided) == (True, False)


def test_whom_an_item_names_sees_no_more_of_it_than_before(story: Story) -> None:
    named = story.tell(story.finch, story.posts[1], words="Jay is behind it.")
    plain = story.tell(story.heron, story.posts[0])
    without = text_of(story.jay.get(f"/cases/{write_ident(plain)}"))
    with pytest.raises(NotFound):
        story.merge(named, plain, story.jay)
    story.merge(named, plain)
    assert story.jay.get(f"/cases/{write_ident(named)}").status_code == 404
    assert text_of(story.jay.get(f"/cases/{write_ident(plain)}")) == without
    assert text_of(story.owl.get(f"/cases/{write_ident(plain)}")) != without


def test_nothing_is_put_together_with_what_one_must_not_see_or_what_is_decided(story: Story) -> None:
    named = story.tell(story.finch, story.posts[1], words="Jay is behind it.")
    plain = story.tell(story.heron, story.posts[0])
    with pytest.raises(Invalid):
        story.merge(plain, named, story.jay)
    seen = story.columns(named)
    decisions.decide(story.owl.actor, named, Verdict(Choice.LOOKED, seen.version, seen.claim_gen))
    with pytest.raises(Invalid):
        story.merge(plain, named)
    assert sight.post_of(story.columns(plain)) == story.posts[0]
    assert not story.columns(plain).decided
