"""Whoever is out of a group reads why and can disagree; for everything else they are the stranger that they were."""

import pytest
from sqlalchemy import select

from forum.base import jobs
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.base.transaction import transaction
from forum.conversations import team
from forum.conversations.prepare import Words
from forum.groups import kept_out, people
from forum.models import Persona, Role, Standing
from forum.policy.members import find_membership
from moderation import appeal_ends, appeals, decisions, own_place, proposals, queue, undo
from moderation import usecases as deciding
from moderation.decisions import Verdict
from moderation.models import CaseItem, CaseKind, Choice, Decision
from tests.forum.groups.test_doors import comes_in
from tests.world import Person, World, conversation_url, post_url, text_of

WHY = "You wrote to people at night, and went on when we asked you to stop."
MINE = "It was somebody else who used my phone. canary-9021"


class Story:
    """Wren wrote something under a name and an alias; Owl and Robin look after the group, and Jay had no part in it."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group, name="Wren"), world.person(self.group, name="Heron")
        self.owl = world.person(self.group, Role.FACILITATOR, name="Owl")
        self.robin = world.person(self.group, Role.FACILITATOR, name="Robin")
        self.jay = world.person(self.group, Role.MODERATOR, name="Jay")
        self.topic = world.topic(self.heron)
        self.post = world.reply(self.wren, self.topic, "Unkind words.")
        self.masked = world.reply(self.wren, self.topic, "Unkind words with no name.", masked=True)

    def suspend(self, days: int = 14) -> bytes:
        item = proposals.propose(self.owl.actor, self.post, Choice.SUSPEND, days, WHY, "be-kind")
        decision = self.agree(item, self.robin)
        self.world.moment.go(seconds=11)
        return decision

    def agree(self, item: bytes, person: Person) -> bytes:
        found = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == item))
        assert found
        return decisions.decide(
            person.actor, item, Verdict(Choice.CONFIRM, found.version, found.claim_gen, looked=True)
        )

    def remove(self) -> bytes:
        self.ask_for_removal()
        self.agree_to_removal()
        found = row(select(Decision.id).where(Decision.choice == Choice.REMOVE))
        assert found
        return bytes(found.id)

    def ask_for_removal(self, why: str = WHY, clause: str = "be-kind") -> None:
        with transaction():
            people.propose(self.group.scope, self.wren.persona_id, self.owl.persona_id, why, clause)

    def agree_to_removal(self) -> None:
        self.world.second_step(self.robin)
        self.world.step_up(self.robin)
        path = f"/g/{self.group.address}/people/{write_ident(self.wren.persona_id)}/decide"
        assert self.robin.send(path, {"choice": "agree"}).status_code == 303

    def remove_alone(self) -> None:
        with transaction():
            kept_out.remove(self.group.scope, self.wren.persona_id)

    def out(self, how: str) -> bytes:
        return self.suspend() if how == "suspend" else self.remove()

    def sees(self, person: Person) -> list[bytes]:
        lines = queue.list_open(person.actor, self.group.scope).lines
        return [line.id for line in lines if line.kind is CaseKind.APPEAL]

    def is_in(self) -> bool:
        return find_membership(self.wren.account_id, self.group.scope) is not None

    def conclude(self, person: Person, item: bytes, choice: Choice) -> bytes:
        found = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == item))
        assert found
        verdict = Verdict(choice, found.version, found.claim_gen, "I read it all again.")
        return appeal_ends.conclude(person.actor, item, verdict)


@pytest.fixture
def story(world: World, inside: object) -> Story:
    return Story(world)


@pytest.mark.parametrize("how", ["suspend", "remove"])
def test_whoever_is_out_reads_why_and_somebody_new_looks_again(story: Story, how: str) -> None:
    page = conversation_url(story.topic)
    assert story.wren.get(page).status_code == 200
    decision = story.out(how)
    assert story.wren.get(page).status_code == 404
    where = f"/about-my-place/{write_ident(decision)}"
    assert WHY in text_of(story.wren.get(where))
    assert where in story.wren.get("/about-my-place").text
    assert "/about-my-place" in story.wren.get("/").text
    for other in (story.heron, story.owl, story.world.person(story.world.group())):
        assert other.get(where).status_code == 404
        assert other.send(where, {"words": MINE}).status_code == 404
    assert story.wren.send(where, {"words": " "}).status_code == 422
    assert story.wren.send(where, {"words": MINE}).status_code == 303
    assert MINE in text_of(story.wren.get(where))
    assert (story.sees(story.owl), story.sees(story.robin)) == ([], []), "who proposed and who agreed find no trace"
    (item,) = story.sees(story.jay)
    assert MINE in text_of(story.jay.get(f"/cases/{write_ident(item)}"))
    story.conclude(story.jay, item, Choice.UPHOLD)
    assert not story.is_in()
    assert "I read it all again." in text_of(story.wren.get(where))


@pytest.mark.parametrize("how", ["suspend", "remove"])
def test_m10_what_is_overturned_gives_back_exactly_what_they_were(story: Story, how: str) -> None:
    columns = (Persona.standing, Persona.role, Persona.name, Persona.agreed_version_id)
    before = row(select(*columns).where(Persona.id == story.wren.persona_id))
    decision = story.out(how)
    assert row(select(Persona.standing).where(Persona.id == story.wren.persona_id)) == (Standing.LEFT,)
    item = own_place.disagree(story.wren.actor, decision, MINE)
    story.conclude(story.jay, item, Choice.OVERTURN)
    assert row(select(*columns).where(Persona.id == story.wren.persona_id)) == before
    assert story.wren.get(conversation_url(story.topic)).status_code == 200
    where = f"/about-my-place/{write_ident(decision)}"
    assert "It was taken back" in text_of(story.wren.get(where)), "and the answer can still be read"
    with pytest.raises(Conflict):
        own_place.disagree(story.wren.actor, decision, MINE)


@pytest.mark.parametrize("how", ["suspend", "remove"])
def test_one_of_the_team_who_is_back_has_the_role_again(story: Story, how: str) -> None:
    story.wren = story.jay
    story.post = story.world.reply(story.jay, story.topic, "Unkind words of a moderator.")
    decision = story.out(how)
    assert row(select(Persona.role).where(Persona.id == story.jay.persona_id)) == (Role.MEMBER,)
    undo.revert(story.robin.actor, decision, "They had a reason.")
    assert row(select(Persona.role).where(Persona.id == story.jay.persona_id)) == (Role.MODERATOR,)


def test_a_suspension_ends_by_itself_and_after_28_days_at_most(story: Story) -> None:
    with pytest.raises(Invalid):
        proposals.propose(story.owl.actor, story.post, Choice.SUSPEND, 29, WHY, "be-kind")
    story.suspend(28)
    story.world.moment.go(days=27)
    jobs.run_due()
    assert not story.is_in()
    story.world.moment.go(days=1)
    jobs.run_due()
    assert story.is_in()


def test_a_suspension_ends_with_its_own_undo_and_not_with_that_of_another_decision(story: Story) -> None:
    deciding.hide_post(story.owl.actor, story.post, WHY, "be-kind")
    other = rows(select(Decision.id).where(Decision.choice == Choice.HIDE))[0].id
    decision = story.suspend()
    undo.revert(story.jay.actor, other, "It was fine.")
    assert not story.is_in()
    undo.revert(story.robin.actor, decision, "")
    assert story.is_in()
    story.world.moment.go(days=15)
    jobs.run_due()
    assert story.is_in()


def test_who_is_removed_while_suspended_does_not_come_back_when_the_weeks_are_over(story: Story) -> None:
    story.suspend()
    story.remove_alone()
    story.world.moment.go(days=15)
    jobs.run_due()
    assert not story.is_in()


def test_a_suspension_takes_two_and_is_not_offered_for_a_hidden_name(story: Story) -> None:
    with pytest.raises(Invalid, match="name is hidden"):
        proposals.propose(story.owl.actor, story.masked, Choice.SUSPEND, 3, WHY, "be-kind")
    assert 'value="suspend"' in story.owl.get(post_url(story.post, "restrict")).text
    assert 'value="suspend"' not in story.owl.get(post_url(story.masked, "restrict")).text
    item = proposals.propose(story.owl.actor, story.post, Choice.SUSPEND, 3, WHY, "be-kind")
    with pytest.raises(NotAllowed):
        story.agree(item, story.owl)
    assert story.is_in()
    story.agree(item, story.robin)
    assert not story.is_in()


def test_who_is_suspended_writes_to_the_team_and_comes_in_by_no_door(story: Story) -> None:
    story.suspend()
    written = team.write_to_team(story.wren.actor, story.group.scope, Words("May I ask why?"), "line")
    assert story.wren.get(f"/g/{story.group.address}/ask").status_code == 303
    assert "stay out of this group until" in comes_in(story.wren, story.group)
    story.world.settle()
    assert "May I ask why?" in text_of(story.wren.get(f"/line/{write_ident(written.conversation_id)}"))
    story.remove_alone()
    with pytest.raises(NotFound):
        team.write_to_team(story.wren.actor, story.group.scope, Words("And now?"), "more")


@pytest.mark.parametrize("how", ["suspend", "remove"])
def test_who_is_out_reads_what_was_decided_about_their_words_and_nothing_else(story: Story, how: str) -> None:
    for post in (story.post, story.masked):
        deciding.hide_post(story.owl.actor, post, "It named somebody. Please write it anew.", "be-kind")
    story.world.moment.go(seconds=11)
    story.out(how)
    for post in (story.post, story.masked):
        page = text_of(story.wren.get(post_url(post, "decision")))
        assert "It named somebody." in page
        assert "Unkind words" in page
        assert post_url(post, "decision") in story.wren.get("/about-my-place").text
        assert story.wren.send(post_url(post, "appeal"), {"words": MINE}).status_code == 303
        assert MINE in text_of(story.wren.get(post_url(post, "appeal")))
    assert len(story.sees(story.jay)) == 2
    answer = row(select(CaseItem.about).where(CaseItem.kind == CaseKind.APPEAL))
    assert answer
    theirs = story.world.reply(story.heron, story.topic, "Words of another.")
    for path in (
        post_url(theirs, "decision"),
        post_url(theirs, "appeal"),
        post_url(story.post),
        post_url(story.post, "more"),
    ):
        assert story.wren.get(path).status_code == 404, path


def test_sec_bytes_for_whoever_is_out_are_those_of_a_stranger(story: Story) -> None:
    """Every page of the group but those about their own place."""
    story.remove()
    stranger = story.world.person(story.world.group())
    base = f"/g/{story.group.address}"
    for path in (conversation_url(story.topic), post_url(story.post), f"{base}/ask", f"{base}/team", f"{base}/people"):
        mine, theirs = story.wren.get(path), stranger.get(path)
        assert (mine.status_code, text_of(mine)) == (theirs.status_code, text_of(theirs)), path


def test_a_pause_is_read_and_disagreed_with_as_well(story: Story) -> None:
    """Under an alias too; who proposed it, and who agreed, find no trace of the appeal."""
    item = proposals.propose(story.owl.actor, story.masked, Choice.PAUSE_POSTING, 3, WHY, "be-kind")
    decision = story.agree(item, story.robin)
    story.world.moment.go(seconds=11)
    page = text_of(story.wren.get(f"/about-my-place/{write_ident(decision)}"))
    assert "You cannot post here for a time" in page
    assert "in a day" not in page
    again = appeals.appeal(story.wren.actor, story.masked, MINE)
    assert own_place.disagree(story.wren.actor, decision, "And more.") == again, "both pages lead to the same"
    assert (story.sees(story.owl), story.sees(story.robin), story.sees(story.jay)) == ([], [], [again])
    story.conclude(story.jay, again, Choice.OVERTURN)
    with story.world.app.app_context():
        assert story.world.reply(story.wren, story.topic, "Once more.")


def test_what_was_asked_for_before_reasons_were_shown_stays_with_the_second_person(story: Story) -> None:
    story.ask_for_removal("Heron told me.", "")
    story.agree_to_removal()
    decision = rows(select(Decision.id).where(Decision.choice == Choice.REMOVE))[0].id
    page = text_of(story.wren.get(f"/about-my-place/{write_ident(decision)}"))
    assert "Heron" not in page
    assert "The team took you out of the group" in page
