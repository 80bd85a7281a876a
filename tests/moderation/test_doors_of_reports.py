"""What somebody can say with a report: that the law forbids it, or that a whole topic is wrong."""

import pytest
from sqlalchemy import select

from forum.base.db import row
from forum.base.errors import NotFound
from forum.base.idents import write_ident
from forum.content.notes import Fold
from forum.models import Post, PostState, Role
from moderation import author, decisions, report_targets, reports
from moderation.decisions import Verdict
from moderation.models import CaseItem, CaseKind, Choice, Target
from moderation.reports import LAW, Saying
from tests.moderation.test_meanwhile import joined
from tests.world import Person, World, conversation_url, post_url, text_of

BAD = "Words that the law forbids, canary-1177."
WHY = "The law forbids words like these, so they cannot stand here."


class Story:
    """Wren wrote something; Heron and Owl have been here for long."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group, name="Wren"), world.person(self.group, name="Heron")
        self.owl = world.person(self.group, Role.MODERATOR, name="Owl")
        joined(self.heron, 60)
        self.topic = world.topic(self.wren, body="First words.")
        self.post = world.reply(self.wren, self.topic, BAD)

    def item(self) -> CaseItem:
        found = row(select(*CaseItem.__table__.columns).where(CaseItem.kind != CaseKind.WELCOME))
        assert found
        return found  # type: ignore[return-value]

    def decide(self, choice: Choice) -> bytes:
        item = self.item()
        verdict = Verdict(choice, item.version, item.claim_gen, WHY, "be-kind")
        return decisions.decide(self.owl.actor, item.id, verdict)

    def state(self) -> tuple[PostState, int]:
        found = row(select(Post.state, Post.notes).where(Post.id == self.post))
        assert found
        return found.state, found.notes


@pytest.fixture
def story(world: World, inside: object) -> Story:
    return Story(world)


def test_what_the_law_forbids_is_folded_at_once_and_taken_down_by_a_person(story: Story) -> None:
    form = post_url(story.post, "report")
    assert f'value="{LAW}"' in story.heron.get(form).text
    answer = story.heron.send(form, {"rule": LAW, "body": "It is a threat."})
    assert answer.status_code == 303
    item = story.item()
    assert (item.kind, item.target) == (CaseKind.ILLEGAL, Target.POST)
    assert story.state() == (PostState.VISIBLE, Fold.ILLEGAL)
    assert "You think that the law forbids it." in text_of(story.heron.get(answer.headers["Location"]))
    page = text_of(story.owl.get(f"/cases/{write_ident(item.id)}"))
    assert "They say that the law forbids it." in page
    decision = story.decide(Choice.TAKE_DOWN)
    assert story.state()[0] is PostState.HIDDEN
    story.world.moment.go(seconds=11)
    told = text_of(story.wren.get(post_url(story.post, "decision")))
    assert WHY in told
    assert "canary-1177" not in told, "nobody is handed what the law forbids, its author neither"
    assert "out of sight" in text_of(story.heron.get(answer.headers["Location"]))
    assert decision


def test_the_words_are_as_they_were_when_the_law_does_not_forbid_them(story: Story) -> None:
    story.heron.send(post_url(story.post, "report"), {"rule": LAW})
    story.decide(Choice.LOOKED)
    assert story.state() == (PostState.VISIBLE, 0)


def test_m11_a_cry_for_help_is_not_folded_by_whoever_says_that_the_law_forbids_it(story: Story) -> None:
    for worried in (True, False):
        if worried:
            reports.tell(
                story.heron.actor, CaseKind.WELFARE, lambda now: report_targets.of_author(now, story.post), Saying()
            )
        else:
            story.post = story.world.reply(story.world.person(story.group), story.topic, "Words of another.")
        reports.tell(
            story.heron.actor, CaseKind.ILLEGAL, lambda now: report_targets.of_post(now, story.post), Saying(LAW)
        )
        assert story.state() == (PostState.VISIBLE, 0 if worried else Fold.ILLEGAL)


def test_a_rule_is_no_law_and_a_person_is_no_post(story: Story) -> None:
    """The law is offered for words alone: there is nothing to fold or to take down about a person."""
    assert f'value="{LAW}"' not in story.heron.get(post_url(story.post, "report-person")).text
    story.heron.send(post_url(story.post, "report-person"), {"rule": LAW})
    assert story.item().kind is CaseKind.REPORT
    assert story.state() == (PostState.VISIBLE, 0)


def test_a_whole_topic_can_be_told_about(story: Story) -> None:
    page = f"{conversation_url(story.topic)}/report"
    assert page in story.heron.get(conversation_url(story.topic)).text
    assert story.heron.send(page, {"body": "Everyone quarrels here."}).status_code == 303
    item = story.item()
    assert (item.kind, item.target) == (CaseKind.REPORT, Target.TOPIC)
    shown = story.owl.get(f"/cases/{write_ident(item.id)}")
    assert conversation_url(story.topic) in shown.text
    assert "First words." in text_of(shown)
    assert decisions.choices_for(item)  # type: ignore[arg-type]
    story.decide(Choice.LOCK)
    assert "closed" in text_of(story.heron.get(conversation_url(story.topic)))


def test_a_report_about_a_topic_joins_none_about_its_first_post(story: Story) -> None:
    first = row(select(Post.id).where(Post.conversation_id == story.topic).order_by(Post.seq))
    assert first
    one = reports.tell(story.heron.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, first.id), Saying())
    two = reports.tell(
        story.heron.actor, CaseKind.REPORT, lambda now: report_targets.of_topic(now, story.topic), Saying()
    )
    again = reports.tell(
        story.heron.actor, CaseKind.REPORT, lambda now: report_targets.of_topic(now, story.topic), Saying(words="More.")
    )
    assert len({one, two}) == 2
    assert again == two


def test_whoever_began_a_topic_finds_no_trace_and_a_stranger_tells_nothing(story: Story) -> None:
    story.wren = story.world.person(story.group, Role.MODERATOR, name="Jay")
    topic = story.world.topic(story.wren, body="Words of a moderator.")
    item = reports.tell(story.heron.actor, CaseKind.REPORT, lambda now: report_targets.of_topic(now, topic), Saying())
    assert story.wren.get(f"/cases/{write_ident(item)}").status_code == 404
    assert story.owl.get(f"/cases/{write_ident(item)}").status_code == 200
    stranger: Person = story.world.person(story.world.group())
    assert stranger.send(f"{conversation_url(topic)}/report", {"body": "No."}).status_code == 404
    with pytest.raises(NotFound):
        reports.tell(stranger.actor, CaseKind.REPORT, lambda now: report_targets.of_topic(now, topic), Saying())


def test_nothing_of_what_the_law_forbids_stands_in_its_statement(story: Story) -> None:
    story.heron.send(post_url(story.post, "report"), {"rule": LAW})
    story.decide(Choice.TAKE_DOWN)
    story.world.moment.go(seconds=11)
    (told,) = author.list_for(story.group.scope, story.post)
    assert told.statement.quote == ""
