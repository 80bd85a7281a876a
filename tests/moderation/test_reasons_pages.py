"""What a moderator sees before a decision is what its author reads, with the rule in the words that it had then; and whom an
item names takes nothing of it along in a copy of their own."""

import json
import re

import pytest
from sqlalchemy import select

from forum.base import clock, jobs
from forum.base.db import row
from forum.base.idents import write_ident
from forum.base.transaction import transaction
from forum.conversations import usecases as posting
from forum.ground_rules import versions
from forum.ground_rules.patches import Rule
from forum.models import Post, PostState, Role
from moderation import report_targets, reports, statements
from moderation.models import CaseItem, CaseKind, Choice
from moderation.reports import Saying
from tests.world import Person, World, post_url, text_of

WHY = "Please leave out what shows who somebody is. canary-2290"


class Story:
    """A post of Wren's that Heron reported, and Owl who looks at it."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group), world.person(self.group)
        self.owl = world.person(self.group, Role.MODERATOR)
        self.post = world.reply(self.wren, world.topic(self.heron), "I saw Ann of the bakery.")
        about = (CaseKind.REPORT, lambda now: report_targets.of_post(now, self.post), Saying())
        self.item = reports.tell(self.heron.actor, *about)
        self.path = f"/cases/{write_ident(self.item)}"

    def form(self, **changed: object) -> dict[str, object]:
        item = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == self.item))
        post = row(select(Post.changed_in).where(Post.id == self.post))
        assert item
        assert post
        numbers = {"version": str(item.version), "gen": str(item.claim_gen), "seen": str(post.changed_in)}
        return {"choice": "hide", "clause": "be-kind", "words": WHY, **numbers, **changed}

    def read(self) -> str:
        """The author's own page about it, once they can read it."""
        self.world.moment.go(seconds=11)
        return self.wren.get(post_url(self.post, "decision")).get_data(as_text=True)


@pytest.fixture
def story(world: World, inside: object) -> Story:
    return Story(world)


def card_of(page: str) -> str:
    found = re.search(r'<section class="cg-card">.*?</section>', page, re.S)
    assert found
    return found[0]


@pytest.mark.parametrize("choice", ["hide", "fold", "limit", "ask_author", "lock"])
def test_what_is_shown_before_is_what_the_author_reads(story: Story, choice: str) -> None:
    story.owl.send(f"{story.path}/claim")
    shown = story.owl.send(f"{story.path}/decide", story.form(choice=choice))
    assert shown.status_code == 200
    assert "Nothing is decided yet." in text_of(shown)
    before = card_of(shown.get_data(as_text=True))
    assert "canary-2290" in before
    assert story.owl.send(f"{story.path}/decide", story.form(choice=choice, sure="yes")).status_code == 303
    assert card_of(story.read()) == before


def test_words_that_are_put_away_though_nothing_waits_are_shown_first_too(story: Story) -> None:
    form: dict[str, object] = {"words": WHY, "clause": "be-kind"}
    shown = story.owl.send(post_url(story.post, "hide"), form)
    assert shown.status_code == 200
    before = card_of(shown.get_data(as_text=True))
    seen = re.search(r'name="seen" value="(\d+)"', shown.get_data(as_text=True))
    assert seen
    assert WHY in text_of(story.owl.send(post_url(story.post, "look-after"), form)), "back with every word"
    assert state_of(story.post) is PostState.VISIBLE, "nothing is decided yet"
    form |= {"sure": "yes", "seen": seen[1]}
    assert story.owl.send(post_url(story.post, "hide"), form).status_code == 303
    assert state_of(story.post) is PostState.HIDDEN
    assert card_of(story.read()) == before


def test_words_that_changed_meanwhile_are_not_put_away_unread(story: Story) -> None:
    form: dict[str, object] = {"words": WHY, "clause": "be-kind", "sure": "yes"}
    found = row(select(Post.changed_in).where(Post.id == story.post))
    assert found
    posting.edit_post(story.wren.actor, story.post, "I saw somebody.", "en")
    refused = story.owl.send(post_url(story.post, "hide"), form | {"seen": str(found.changed_in)})
    assert refused.status_code == 409
    assert WHY in text_of(refused)
    assert state_of(story.post) is PostState.VISIBLE


def state_of(post: int) -> PostState:
    found = row(select(Post.state).where(Post.id == post))
    assert found
    return PostState(found.state)


def test_sentences_that_were_chosen_reach_the_author_and_can_be_changed_first(story: Story) -> None:
    story.owl.send(f"{story.path}/claim")
    chosen = [str(statements.PHRASES[key]) for key in ("thanks", "names")]
    shown = story.owl.send(f"{story.path}/decide", story.form(phrase=["thanks", "names"], words="I am sorry about it."))
    for words in (*chosen, "I am sorry about it."):
        assert words in text_of(shown)
    changed = "\n\n".join([*chosen, "I am very sorry about it."])
    story.owl.send(f"{story.path}/decide", story.form(words=changed, sure="yes"))
    read = story.read()
    assert all(words in read for words in (*chosen, "I am very sorry about it."))


def test_m7_the_link_to_the_rule_keeps_the_words_that_held_then(story: Story) -> None:
    story.owl.send(f"{story.path}/claim")
    story.owl.send(f"{story.path}/decide", story.form(sure="yes"))
    found = re.search(r'href="(/rules/[^"]+/be-kind)"', story.read())
    assert found
    before = text_of(story.wren.get(found[1]))
    first = versions.get_in_force(story.group.scope.group_id)
    other = Rule("be-kind", "Never argue", "Nobody argues here.", origin="own")
    sterner = [other if rule.uid == "be-kind" else rule for rule in first.rules]
    with transaction():
        versions.lock(story.group.scope.group_id)
        tip = versions.get_tip(story.group.scope.group_id)
        made = versions.adopt(story.group.scope, tip.id, sterner, "A sterner rule.", False, None, clock.now())
        versions.bring_into_force(story.group.scope, made)
    assert "Nobody argues here." in text_of(story.heron.get(f"/g/{story.group.address}/rules"))
    assert text_of(story.wren.get(found[1])) == before
    assert "Never argue" not in text_of(story.wren.get(post_url(story.post, "decision")))


def copy_of(story: Story, person: Person) -> dict[str, object]:
    """What somebody takes along of the group."""
    person.send(f"/g/{story.group.address}/copy")
    story.world.moment.go(hours=25)
    jobs.run_due()
    held = dict(json.loads(person.get(f"/g/{story.group.address}/copy/data").data))
    story.world.moment.go(days=8)
    jobs.run_due()
    return held


def test_sec_t5_whom_an_item_names_takes_nothing_of_it_along(story: Story) -> None:
    """A copy before anybody reported, and one after two reports and a look: but for its day it is the same."""
    jay = story.world.person(story.group, Role.MODERATOR)
    post = story.world.reply(story.owl, story.world.topic(story.heron), "Words of a moderator.")
    before = copy_of(story, story.owl)
    for kind in (CaseKind.REPORT, CaseKind.WELFARE):
        look = report_targets.of_author if kind is CaseKind.WELFARE else report_targets.of_post
        item = reports.tell(story.heron.actor, kind, lambda now, look=look: look(now, post), Saying(words="canary-77"))
    jay.send(f"/cases/{write_ident(item)}/claim")
    after = copy_of(story, story.owl)
    assert "canary" not in json.dumps(after)
    assert {key for key in before if before[key] != after[key]} <= {"made_on", "day", "made"}
    assert "canary-77" in json.dumps(copy_of(story, story.heron)), "whoever told takes their own words along"


def test_every_choice_that_takes_something_away_is_said_in_words_of_its_own(story: Story) -> None:
    """A choice without a sentence broke the page of whoever it was about."""
    template = story.world.app.jinja_env.get_template("components/statements.html")
    with story.world.app.test_request_context():
        said = {choice: str(template.module.what_words(choice.value)) for choice in _SAID}  # type: ignore[attr-defined]
    assert all(words.strip() for words in said.values())
    assert len(set(said.values())) == len(said)


_SAID = (*statements.NEEDED_FOR, Choice.SLOW_MEMBER, Choice.PAUSE_POSTING, Choice.SUSPEND, Choice.REMOVE)
